"""Answers that several services of the contract give."""

from contracts.insight.v1 import insight_service_pb2 as pb

from services.insight.store.events import Watermark


def watermark_message(watermark: Watermark) -> pb.Watermark:
    """Up to where an answer is complete."""
    answer = pb.Watermark(position=watermark.position)
    if watermark.as_of is not None:
        answer.as_of.FromDatetime(watermark.as_of)
    return answer

"""Values of genes in protobuf."""

from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from contracts.insight.v1 import genes_service_pb2 as pb

from services.insight.domain.distributions import Bucket, number_of


def gene_value(value: Any) -> pb.GeneValue:
    """Of what an evaluator's `values` has; nothing is set for None."""
    match value:
        case None:
            return pb.GeneValue()
        case int() | float() | Decimal():
            return pb.GeneValue(number=number_text(value))
        case str():
            return pb.GeneValue(text=value)
        case date():
            return pb.GeneValue(date=value.isoformat())
        case Mapping():
            numbers = {key: number_text(number) for key, number in value.items()}
            return pb.GeneValue(map=pb.NumbersByKey(numbers=numbers))
        case Collection():
            # Hours and weekdays as numbers, everything else by its text.
            texts = sorted(value, key=lambda text: (len(text) if text.isdecimal() else 0, text))
            return pb.GeneValue(list=pb.TextValues(values=texts))
    raise TypeError(f"{type(value).__name__} is no value of a gene")


def bucket_message(bucket: Bucket) -> pb.GeneBucket:
    return pb.GeneBucket(
        low=_end(bucket.low), high=_end(bucket.high), value=bucket.value, profiles=bucket.profiles
    )


def _end(end: Decimal | date | None) -> str | None:
    if end is None:
        return None
    return end.isoformat() if isinstance(end, date) else number_text(end)


def number_text(number: float | Decimal) -> str:
    """Decimal text without an exponent; a float to its six digits."""
    text = format(number_of(number), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text

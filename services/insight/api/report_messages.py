"""What all reports say in protobuf: numbers of people with their trees, and as of when."""

from contracts.insight.v1 import report_pb2 as pb

from services.insight.api.answers import watermark_message
from services.insight.api.trees import tree_message
from services.insight.evaluation import Moment
from services.insight.reporting.number import Counted, PeopleNumber
from services.insight.store.events import Watermark


def people_number(number: PeopleNumber) -> pb.PeopleNumber:
    tree = None if number.tree is None else tree_message(number.tree)
    return pb.PeopleNumber(profiles=number.profiles, tree=tree)


def report_as_of(counted: Counted, watermark: Watermark, moment: Moment) -> pb.ReportAsOf:
    answer = pb.ReportAsOf(
        watermark=watermark_message(watermark),
        answered_by=counted.by,
        yardstick_age_seconds=counted.yardstick_age_seconds,
    )
    answer.now.FromMilliseconds(moment.now_ms)
    return answer

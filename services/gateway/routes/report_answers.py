"""What all reports answer: numbers of people with their trees, and as of when."""

from datetime import datetime
from typing import Any

from contracts.insight.v1 import report_pb2 as pb
from pydantic import BaseModel, Field

from services.gateway.routes.answers import AsOf, as_of, moment
from services.gateway.routes.segment_trees import Node, node_of


class PeopleNumber(BaseModel):
    """So many people; the tree gives exactly these, so that every number opens as a segment. 可直接開啟為客群"""

    profiles: int
    tree: Node | None = Field(description="null where no tree says who they are 無對應條件樹時為 null")


class ReportAsOf(AsOf):
    """Up to where a report is complete."""

    now: datetime | None = Field(description="Now, as the windows took it")
    answered_by: str = Field(description="memory or store")
    yardstick_age_seconds: float | None = Field(description="Where something is compared with everybody's")


def people_number(number: pb.PeopleNumber) -> PeopleNumber:
    tree = node_of(number.tree) if number.HasField("tree") else None
    return PeopleNumber.model_validate({"profiles": number.profiles, "tree": tree})


def report_as_of(told: pb.ReportAsOf) -> dict[str, Any]:
    """The fields of ReportAsOf."""
    age = told.yardstick_age_seconds if told.HasField("yardstick_age_seconds") else None
    return {
        "now": moment(told.now),
        "answered_by": told.answered_by,
        "yardstick_age_seconds": age,
        **as_of(told.watermark),
    }

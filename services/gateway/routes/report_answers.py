"""What all reports answer: numbers of people with their trees, and as of when."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from contracts.insight.v1 import report_pb2 as pb
from google.protobuf.message import Message
from pydantic import BaseModel, Field
from starlette.responses import Response

from services.gateway.domain.spreadsheets import MARK, csv_line
from services.gateway.routes.answers import AsOf, as_of, moment
from services.gateway.routes.segment_trees import Node, node_of

# What a route that answers with `report_file` says of it.
CSV: dict[int | str, dict[str, Any]] = {200: {"content": {"text/csv": {"schema": {"type": "string"}}}}}


class PeopleNumber(BaseModel):
    """So many people; the tree gives exactly these: it opens as a segment. 可直接開啟為客群"""

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


def said(message: Message, *names: str) -> dict[str, Any]:
    """These fields of a message, None for what is optional and not set."""
    # Each optional field is a choice of its own.
    optional = {one.name for choice in message.DESCRIPTOR.oneofs for one in choice.fields}
    unset = {name for name in names if name in optional and not message.HasField(name)}
    return {name: None if name in unset else getattr(message, name) for name in names}


def report_file(name: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    """A CSV that spreadsheets open as it was meant."""
    text = MARK + csv_line(head) + "".join(csv_line(row) for row in rows)
    disposition = f'attachment; filename="{name}.csv"'
    return Response(text, media_type="text/csv; charset=utf-8", headers={"content-disposition": disposition})

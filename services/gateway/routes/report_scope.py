"""Of whom a report on people is asked, as parameters of its route."""

import uuid
from datetime import date
from typing import Annotated

from contracts.insight.v1 import people_reports_service_pb2 as pb
from fastapi import Depends, Query


def _scope(
    segment: Annotated[
        uuid.UUID | None, Query(description="Only people in this saved segment 客群篩選")
    ] = None,
    first_seen_from: Annotated[
        date | None, Query(description="First seen on this local day or later")
    ] = None,
    first_seen_to: Annotated[
        date | None, Query(description="First seen on this local day or earlier")
    ] = None,
) -> pb.ReportScope:
    return pb.ReportScope(
        segment_id=str(segment) if segment else "",
        first_seen_from=first_seen_from.isoformat() if first_seen_from else "",
        first_seen_to=first_seen_to.isoformat() if first_seen_to else "",
    )


Scope = Annotated[pb.ReportScope, Depends(_scope)]

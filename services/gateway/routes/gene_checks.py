"""What values of genes are compared with, and whether those in memory are as the event store has them."""

from datetime import date, datetime
from typing import Annotated

from contracts.insight.v1 import genes_service_pb2 as pb
from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field

from services.gateway.domain.cursors import cursor_of, place_of
from services.gateway.errors.requests import CursorNotValid
from services.gateway.routes.answers import AsOf, as_of, moment
from services.gateway.routes.genes import window_asked
from services.gateway.routes.parts import Caller, Cursor, Limit, PartsOf
from services.gateway.routes.presence import while_there
from services.gateway.routes.segment_trees import Window, window_of

router = APIRouter(tags=["genes"])

_AUDITS = "audits"
_MAX_WINDOW_DAYS = 730


class Quantile(BaseModel):
    share: float = Field(description="0 to 1")
    value: str = Field(description="The lowest value that this share of people do not exceed; decimal text")


class Yardstick(AsOf):
    """What "top 20 %" and "above the mean" are measured by. 相對條件所用的量尺"""

    gene: str
    window: Window | None
    profiles: int = Field(description="Those with a value")
    quantiles: list[Quantile]
    mean: str | None
    median: str | None
    made_at: datetime | None
    age_seconds: float
    answered_by: str = Field(description="memory or store")


class Refreshed(BaseModel):
    forgotten: int = Field(description="How many yardsticks are made anew when they are used next")


class AuditedGene(BaseModel):
    gene: str = Field(
        description="A gene; or everybody, attributes, events, lists, others: who there is, and conditions"
    )
    compared: int
    different: int
    passing: int = Field(description="Differed for a moment only, as what is being changed may")


class Audit(BaseModel):
    """One comparison of some people in memory with the event store. 記憶體與事件庫的抽樣比對"""

    id: str
    began_at: datetime | None
    seconds: float
    position: int
    people: int
    compared: int
    different: int = Field(description="Above 0: memory was wrong")
    passing: int
    reloaded: bool = Field(description="Whether people were read into memory again because of it")
    genes: list[AuditedGene] = Field(description="Those that differed first")


class AuditList(AsOf):
    audits: list[Audit]
    next_cursor: str | None


@router.get("/v1/genes/{gene_id}/yardstick", summary="What a gene's values are compared with 基因量尺")
async def get_yardstick(
    gene_id: str,
    request: Request,
    principal: Caller,
    parts: PartsOf,
    *,
    last_days: Annotated[int | None, Query(ge=1, le=_MAX_WINDOW_DAYS, description="Today included")] = None,
    from_on: Annotated[date | None, Query(alias="from", description="First local day")] = None,
    to_on: Annotated[date | None, Query(alias="to", description="Last local day, included")] = None,
    all_time: bool = False,
) -> Yardstick:
    """Kept for an hour at most, then made anew; without a window the gene's own."""
    asked = pb.GetYardstickRequest(gene=gene_id, window=window_asked(last_days, from_on, to_on, all_time))
    found = await while_there(request, parts.clients.genes.yardstick(principal.tenant_id, asked))
    return Yardstick(
        gene=gene_id,
        window=window_of(found.window) if found.HasField("window") else None,
        profiles=found.profiles,
        quantiles=[Quantile(share=one.share, value=one.value) for one in found.quantiles],
        mean=found.mean if found.HasField("mean") else None,
        median=found.median if found.HasField("median") else None,
        made_at=moment(found.made_at),
        age_seconds=found.age_seconds,
        answered_by=found.answered_by,
        **as_of(found.watermark),
    )


@router.post("/v1/genes/yardsticks/refresh", summary="Make all yardsticks anew 更新量尺")
async def refresh_yardsticks(principal: Caller, parts: PartsOf) -> Refreshed:
    """So that what compares people with others is of now, and not up to an hour old."""
    found = await parts.clients.genes.refresh_yardsticks(principal.tenant_id)
    await parts.audit.write(principal.did("yardsticks.refreshed", "genes"))
    return Refreshed(forgotten=found.forgotten)


@router.get("/v1/genes/audit", summary="Is what is in memory right 基因稽核")
async def list_gene_audits(
    principal: Caller,
    parts: PartsOf,
    drifted: Annotated[bool, Query(description="Only those that found a difference")] = False,
    cursor: Cursor = "",
    limit: Limit = 50,
) -> AuditList:
    """Some people at a time, the newest comparison first; what was found wrong was read anew at once."""
    place = place_of(_AUDITS, cursor, str) if cursor else ("",)
    if place is None:
        raise CursorNotValid("The cursor belongs to another list.")
    request = pb.ListAuditsRequest(page_size=limit, page_token=str(place[0]), drifted=drifted)
    found = await parts.clients.genes.audits(principal.tenant_id, request)
    following = cursor_of(_AUDITS, found.next_page_token) if found.next_page_token else None
    return AuditList(
        audits=[_audit(one) for one in found.audits], next_cursor=following, **as_of(found.watermark)
    )


def _audit(one: pb.Audit) -> Audit:
    return Audit(
        id=one.audit_id,
        began_at=moment(one.began_at),
        seconds=one.seconds,
        position=one.position,
        people=one.people,
        compared=one.compared,
        different=one.different,
        passing=one.passing,
        reloaded=one.reloaded,
        genes=[
            AuditedGene(
                gene=gene.gene, compared=gene.compared, different=gene.different, passing=gene.passing
            )
            for gene in one.genes
        ],
    )

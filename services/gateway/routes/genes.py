"""Genes: the catalogue, how their values lie, and those of one profile."""

import uuid
from datetime import date
from typing import Annotated, Any

from contracts.insight.v1 import genes_service_pb2 as pb
from contracts.insight.v1 import segment_tree_pb2 as tree_pb
from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, Field

from services.gateway.errors.people import ProfileNotFound
from services.gateway.errors.requests import RequestNotValid
from services.gateway.routes.answers import AsOf, as_of
from services.gateway.routes.parts import Caller, PartsOf
from services.gateway.routes.presence import while_there
from services.gateway.routes.profiles import ProfileId
from services.gateway.routes.segment_trees import Node, Window, node_of, window_of

router = APIRouter(tags=["genes"])

_MAX_WINDOW_DAYS = 730
_EXACT = "Numbers are exact decimal text"


class LocalText(BaseModel):
    zh_tw: str
    en: str


class GeneWindows(BaseModel):
    default_days: int
    max_days: int
    all_time: bool = Field(description="Whether it may look at all time")


class GeneChoice(BaseModel):
    value: str
    name: LocalText


class Gene(BaseModel):
    """One named, typed fact about a person. Ids never change. 基因：關於一個人的一項具名、有型別的事實"""

    number: int
    id: str
    name: LocalText
    group: str
    group_name: LocalText
    type: str = Field(description="number, money, ratio, category, list, keywords, products, map or date")
    unit: LocalText
    chart: str
    definition: LocalText
    operators: list[str]
    windows: GeneWindows | None = Field(description="null: it has no window")
    choices: list[GeneChoice] = Field(description="Empty where any value may occur")
    low: str | None
    high: str | None
    category_paths: bool = Field(description="Whether values are paths a > b that contain their descendants")
    example: Node
    example_sentence: LocalText


class Catalogue(BaseModel):
    genes: list[Gene]


class Bucket(BaseModel):
    low: str | None = Field(description="Numbers and dates; both ends included")
    high: str | None
    value: str | None = Field(description="Categories, and values of lists one by one")
    profiles: int
    before: int | None = Field(description="Who was in it 30 days ago, with what is known today")
    converted: int | None = Field(description="Those of them who reached the goal since")


class Overlay:
    """What is laid over a distribution."""

    def __init__(
        self,
        *,
        conversion: Annotated[
            bool, Query(description="Who reached the goal within 30 days, by bucket 轉換率")
        ] = False,
        goal: Annotated[
            uuid.UUID | None, Query(description="GET /v1/goals; without it an order 目標")
        ] = None,
    ) -> None:
        self.conversion = conversion
        self.goal_id = "" if goal is None else str(goal)


class Distribution(AsOf):
    """Numbers and dates rise; other values come most frequent first, or as the gene's choices."""

    gene: str
    window: Window | None
    buckets: list[Bucket]
    others: int = Field(description="Profiles of other values than the buckets'")
    unknown: int
    everybody: int
    breaks: list[str] = Field(description="Where groups of close numbers end 自然斷點")
    mean: str | None
    median: str | None


class OwnGene(BaseModel):
    gene: str
    window: Window | None
    value: str | list[str] | dict[str, str] | None = Field(description=f"{_EXACT}; null: unknown")
    percentile: float | None = Field(description="Numbers: share of everybody with at most this value")
    borrowed: bool = Field(
        description="The tenant's own value, for this profile has too few orders for one 借用整體數值"
    )


class ProfileGenes(AsOf):
    profile_id: int
    genes: list[OwnGene]


@router.get("/v1/genes", summary="The catalogue of genes 基因目錄")
async def list_genes(principal: Caller, parts: PartsOf) -> Catalogue:
    """All 31, by number: what may be asked of each, how it is drawn, and an example condition."""
    found = await parts.clients.genes.catalogue(principal.tenant_id)
    return Catalogue(genes=[gene_answer(gene) for gene in found.genes])


@router.get("/v1/genes/{gene_id}/distribution", summary="How a gene's values lie 基因分布")
async def get_gene_distribution(
    gene_id: str,
    request: Request,
    principal: Caller,
    parts: PartsOf,
    *,
    last_days: Annotated[int | None, Query(ge=1, le=_MAX_WINDOW_DAYS, description="Today included")] = None,
    from_on: Annotated[date | None, Query(alias="from", description="First local day")] = None,
    to_on: Annotated[date | None, Query(alias="to", description="Last local day, included")] = None,
    all_time: bool = False,
    buckets: Annotated[int, Query(ge=1, le=100)] = 20,
    overlay: Annotated[Overlay, Depends()],
) -> Distribution:
    """Without a window the gene's own, such as the last 30 days."""
    asked = pb.GetGeneDistributionRequest(
        gene=gene_id,
        window=window_asked(last_days, from_on, to_on, all_time),
        max_buckets=buckets,
        conversion=overlay.conversion,
        goal_id=overlay.goal_id,
    )
    found = await while_there(request, parts.clients.genes.distribution(principal.tenant_id, asked))
    return Distribution(
        gene=gene_id,
        window=window_of(found.window) if found.HasField("window") else None,
        buckets=[_bucket(bucket) for bucket in found.buckets],
        others=found.others,
        unknown=found.unknown,
        everybody=found.everybody,
        breaks=list(found.breaks),
        mean=found.mean if found.HasField("mean") else None,
        median=found.median if found.HasField("median") else None,
        **as_of(found.watermark),
    )


@router.get("/v1/profiles/{profile_id}/genes", summary="One profile's genes 單一顧客的基因")
async def get_profile_genes(
    profile_id: ProfileId,
    principal: Caller,
    parts: PartsOf,
    days: Annotated[
        int | None, Query(ge=1, le=_MAX_WINDOW_DAYS, description="Window of genes that have one")
    ] = None,
    percentiles: Annotated[bool, Query(description="Compared with everybody; takes longer")] = False,
) -> ProfileGenes:
    """All 31 by number. Without `days` each gene looks back as far as its own window."""
    known = await parts.clients.identity.get_profile(principal.tenant_id, profile_id)
    if known is None:
        raise ProfileNotFound("There is no such profile.")
    survivor = known.profile.profile_id
    asked = pb.GetProfileGenesRequest(profile_id=survivor, days=days or 0, percentiles=percentiles)
    found = await parts.clients.genes.of_profile(principal.tenant_id, asked)
    return ProfileGenes(
        profile_id=survivor, genes=[_own(one) for one in found.genes], **as_of(found.watermark)
    )


def local(text: pb.LocalText) -> LocalText:
    return LocalText(zh_tw=text.zh_tw, en=text.en)


def gene_value(value: pb.GeneValue) -> Any:
    """None where it is unknown."""
    match value.WhichOneof("value"):
        case "list":
            return list(value.list.values)
        case "map":
            return dict(value.map.numbers)
        case None:
            return None
        case kind:
            return getattr(value, kind)


def window_asked(
    last_days: int | None, from_on: date | None, to_on: date | None, all_time: bool
) -> tree_pb.SegmentWindow | None:
    """None where nobody named one."""
    if (last_days is not None) + (from_on is not None or to_on is not None) + all_time > 1:
        raise RequestNotValid("Give one window: last_days, from and to, or all_time.")
    if last_days is not None:
        return tree_pb.SegmentWindow(days_ago=tree_pb.DaysAgo(first=last_days - 1))
    if all_time:
        return tree_pb.SegmentWindow(all_time=tree_pb.AllTime())
    if from_on is None and to_on is None:
        return None
    if from_on is None or to_on is None:
        raise RequestNotValid("Give both from and to, or neither.")
    dates = tree_pb.DateRange(first_on=from_on.isoformat(), last_on=to_on.isoformat())
    return tree_pb.SegmentWindow(dates=dates)


def gene_answer(gene: pb.Gene) -> Gene:
    windows = gene.windows
    return Gene(
        number=gene.number,
        id=gene.id,
        name=local(gene.name),
        group=gene.group,
        group_name=local(gene.group_name),
        type=gene.type,
        unit=local(gene.unit),
        chart=gene.chart,
        definition=local(gene.definition),
        operators=list(gene.operators),
        windows=GeneWindows(
            default_days=windows.default_days, max_days=windows.max_days, all_time=windows.all_time
        )
        if gene.HasField("windows")
        else None,
        choices=[GeneChoice(value=one.value, name=local(one.name)) for one in gene.choices],
        low=gene.low if gene.HasField("low") else None,
        high=gene.high if gene.HasField("high") else None,
        category_paths=gene.category_paths,
        example=node_of(gene.example),
        example_sentence=local(gene.example_sentence),
    )


def _bucket(bucket: pb.GeneBucket) -> Bucket:
    return Bucket(
        low=bucket.low if bucket.HasField("low") else None,
        high=bucket.high if bucket.HasField("high") else None,
        value=bucket.value if bucket.HasField("value") else None,
        profiles=bucket.profiles,
        before=bucket.before if bucket.HasField("before") else None,
        converted=bucket.converted if bucket.HasField("converted") else None,
    )


def _own(one: pb.ProfileGene) -> OwnGene:
    return OwnGene(
        gene=one.gene,
        window=window_of(one.window) if one.HasField("window") else None,
        value=gene_value(one.value),
        percentile=one.percentile if one.HasField("percentile") else None,
        borrowed=one.borrowed,
    )

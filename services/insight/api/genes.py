"""gRPC in: genes, and trees that nobody saved."""

import time
import uuid
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import grpc
from contracts.insight.v1 import genes_service_pb2 as pb
from contracts.insight.v1 import genes_service_pb2_grpc as pb_grpc
from contracts.insight.v1 import insight_service_pb2 as insight_pb

from chassis.rpc import tenant
from services.insight.api.answers import watermark_message
from services.insight.api.gene_values import bucket_message, gene_value, number_text
from services.insight.api.sentences import sentence_message
from services.insight.api.trees import tree_message, tree_of, window_message, window_of
from services.insight.domain.catalogue import GENES, GROUPS, OPERATORS, Gene, Words
from services.insight.domain.conversions import Conversion
from services.insight.domain.distributions import Bucket, number_of
from services.insight.domain.segments.sentences import NO_NAMES, Names
from services.insight.domain.segments.tree import Node, Window
from services.insight.errors import DayNotValid, PageTokenNotValid, RangeNotValid
from services.insight.evaluation import Moment
from services.insight.paging import page_size, text_place, text_token
from services.insight.questions import (
    Asked,
    Lies,
    OwnGene,
    Preview,
    Questions,
    Reason,
    Yardsticks,
)
from services.insight.store.audits import Audits, Run
from services.insight.store.events import Watermark

_DEFAULT_BUCKETS = 20
_MAX_BUCKETS = 100
_MAX_DAYS = 730
_AUDITS = "audits"
# Of a yardstick's quantiles.
_SHARES = (0.0, 0.01, 0.05, 0.1, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.9, 0.95, 0.99, 1.0)

Context = grpc.aio.ServicerContext[Any, Any]


class GenesApi(pb_grpc.GenesServiceServicer):
    """contracts.insight.v1.GenesService."""

    service_name = pb.DESCRIPTOR.services_by_name["GenesService"].full_name

    def __init__(self, questions: Questions, audits: Audits, watermark: Callable[[], Watermark]) -> None:
        self._questions = questions
        self._audits = audits
        self._watermark = watermark

    def add_to(self, server: grpc.aio.Server) -> None:
        pb_grpc.add_GenesServiceServicer_to_server(self, server)

    async def ListGenes(self, request: pb.ListGenesRequest, context: Context) -> pb.ListGenesResponse:
        return pb.ListGenesResponse(genes=[gene_message(gene) for gene in GENES])

    async def GetGeneDistribution(
        self, request: pb.GetGeneDistributionRequest, context: Context
    ) -> pb.GetGeneDistributionResponse:
        most = request.max_buckets or _DEFAULT_BUCKETS
        if most > _MAX_BUCKETS:
            raise RangeNotValid(f"Ask for at most {_MAX_BUCKETS} buckets.", max_buckets=most)
        window = window_of(request.window) if request.HasField("window") else None
        asked = Asked(request.gene, window, most, request.conversion, request.goal_id)
        watermark = self._watermark()
        lies = await self._questions.lies(tenant(), asked, _moment(watermark))
        return _distribution(lies, watermark_message(watermark))

    async def GetProfileGenes(
        self, request: pb.GetProfileGenesRequest, context: Context
    ) -> pb.GetProfileGenesResponse:
        if request.days > _MAX_DAYS:
            raise RangeNotValid(f"Look back at most {_MAX_DAYS} days.", days=request.days)
        watermark = self._watermark()
        own = await self._questions.own_genes(
            tenant(),
            request.profile_id,
            request.days,
            _moment(watermark),
            percentiles=request.percentiles,
        )
        return pb.GetProfileGenesResponse(
            genes=[_own(one) for one in own], watermark=watermark_message(watermark)
        )

    async def GetYardstick(
        self, request: pb.GetYardstickRequest, context: Context
    ) -> pb.GetYardstickResponse:
        window = window_of(request.window) if request.HasField("window") else None
        watermark = self._watermark()
        found = await self._questions.yardstick(tenant(), request.gene, window, _moment(watermark))
        return _yardstick(found, watermark_message(watermark))

    async def RefreshYardsticks(
        self, request: pb.RefreshYardsticksRequest, context: Context
    ) -> pb.RefreshYardsticksResponse:
        return pb.RefreshYardsticksResponse(forgotten=self._questions.renew_yardsticks(tenant()))

    async def ListAudits(self, request: pb.ListAuditsRequest, context: Context) -> pb.ListAuditsResponse:
        size, before = page_size(request.page_size), ""
        if request.page_token:
            before = _uuid(text_place(_AUDITS, request.page_token, 1)[0])
        found = await self._audits.page(tenant(), before, size + 1, drifted=request.drifted)
        page = found[:size]
        return pb.ListAuditsResponse(
            audits=map(_audit, page),
            next_page_token=text_token(_AUDITS, page[-1].audit_id) if len(found) > size else "",
            watermark=watermark_message(self._watermark()),
        )

    async def PreviewSegment(
        self, request: pb.PreviewSegmentRequest, context: Context
    ) -> pb.PreviewSegmentResponse:
        root, watermark = tree_of(request.root), self._watermark()
        preview = await self._questions.preview(tenant(), root, _moment(watermark))
        return _preview(root, preview, watermark_message(watermark))

    async def ExplainMembership(
        self, request: pb.ExplainMembershipRequest, context: Context
    ) -> pb.ExplainMembershipResponse:
        on = _day(request.on) if request.on else None
        root, watermark = tree_of(request.root), self._watermark()
        found = await self._questions.explain(tenant(), request.profile_id, root, on, _moment(watermark))
        return pb.ExplainMembershipResponse(
            member=found.reasons[0].fulfilled,
            nodes=[_reason(one, found.names) for one in found.reasons],
            on=request.on,
            watermark=watermark_message(watermark),
        )


def _moment(watermark: Watermark) -> Moment:
    return Moment(watermark.position, time.time_ns() // 1_000_000)


def _uuid(sent: str) -> str:
    try:
        return str(uuid.UUID(sent))
    except ValueError as error:
        raise PageTokenNotValid("This page token is not one of ours.") from error


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise DayNotValid("Send an ISO date such as 2026-11-22.", on=text[:64]) from error


# --- the catalogue -----------------------------------------------------------------------------------------


def gene_message(gene: Gene) -> pb.Gene:
    answer = pb.Gene(
        number=gene.number,
        id=gene.id,
        name=_local(gene.name),
        group=gene.group,
        group_name=_local(GROUPS[gene.group]),
        type=gene.type,
        unit=_local(gene.unit),
        chart=gene.chart,
        definition=_local(gene.definition),
        operators=OPERATORS[gene.type],
        choices=[
            pb.GeneChoice(value=value, name=_local(name)) for value, name in (gene.choices or {}).items()
        ],
        category_paths=gene.category_paths,
        example=tree_message(gene.example),
        example_sentence=sentence_message(gene.example, NO_NAMES),
    )
    if gene.windows is not None:
        answer.windows.default_days = gene.windows.default_days
        answer.windows.max_days = gene.windows.max_days
        answer.windows.all_time = not gene.windows.bounded
    if gene.bounds is not None:
        answer.low, answer.high = map(str, gene.bounds)
    return answer


def _local(words: Words) -> pb.LocalText:
    return pb.LocalText(zh_tw=words.zh, en=words.en)


# --- values ------------------------------------------------------------------------------------------------


def _said_window(window: Window | None) -> Any:
    return None if window is None else window_message(window)


def _own(one: OwnGene) -> pb.ProfileGene:
    return pb.ProfileGene(
        gene=one.gene.id,
        window=_said_window(one.window),
        value=gene_value(one.value),
        percentile=one.percentile,
        borrowed=one.borrowed,
    )


def _distribution(lies: Lies, watermark: insight_pb.Watermark) -> pb.GetGeneDistributionResponse:
    found = lies.distribution
    conversions: Sequence[Conversion | None] = lies.conversions or [None] * len(found.buckets)
    return pb.GetGeneDistributionResponse(
        buckets=[_bucket(*pair) for pair in zip(found.buckets, conversions, strict=True)],
        others=found.others,
        unknown=found.unknown,
        everybody=found.everybody,
        breaks=[number_text(one) for one in found.breaks],
        mean=None if found.mean is None else number_text(found.mean),
        median=None if found.median is None else number_text(found.median),
        window=_said_window(lies.window),
        watermark=watermark,
    )


def _yardstick(found: Yardsticks, watermark: insight_pb.Watermark) -> pb.GetYardstickResponse:
    laid = found.laid.yardstick
    unit = Decimal(laid.scale)
    values = [number_of(value) / unit for value in laid.quantiles(_SHARES)]
    answer = pb.GetYardstickResponse(
        window=_said_window(found.window),
        profiles=laid.size,
        quantiles=[
            pb.YardstickQuantile(share=share, value=number_text(value))
            for share, value in zip(_SHARES, values, strict=False)
        ],
        mean=None if laid.mean is None else number_text(laid.mean),
        median=None if laid.median is None else number_text(laid.median),
        age_seconds=found.laid.age_seconds,
        answered_by=found.laid.by,
        watermark=watermark,
    )
    answer.made_at.FromNanoseconds(time.time_ns() - round(found.laid.age_seconds * 1e9))
    return answer


def _audit(run: Run) -> pb.Audit:
    answer = pb.Audit(
        audit_id=run.audit_id,
        seconds=run.seconds,
        position=run.position,
        people=run.people,
        compared=run.compared,
        different=run.different,
        passing=run.passing,
        reloaded=run.reloaded,
        genes=[
            pb.AuditedGene(gene=name, compared=one.compared, different=one.different, passing=one.passing)
            for name, one in sorted(run.genes.items(), key=lambda pair: (-pair[1].different, pair[0]))
        ],
    )
    answer.began_at.FromDatetime(run.began_at)
    return answer


def _bucket(bucket: Bucket, conversion: Conversion | None) -> pb.GeneBucket:
    answer = bucket_message(bucket)
    if conversion is not None:
        answer.before, answer.converted = conversion.before, conversion.converted
    return answer


# --- trees -------------------------------------------------------------------------------------------------


def _preview(root: Node, preview: Preview, watermark: insight_pb.Watermark) -> pb.PreviewSegmentResponse:
    found = preview.evaluation
    answer = pb.PreviewSegmentResponse(
        profiles=found.size.profiles,
        members=found.size.members,
        visitors=found.size.visitors,
        everybody=found.everybody,
        reachable=[
            pb.ReachableProfiles(channel=channel, profiles=profiles)
            for channel, profiles in sorted(found.size.reachable.items())
        ],
        counts=[pb.NodeCount(path=path, profiles=count) for path, count in sorted(found.counts.items())],
        sentence=sentence_message(root, preview.names),
        watermark=watermark,
        # Both evaluators count everybody; neither samples.
        exact=True,
        answered_by=preview.by,
        yardstick_age_seconds=found.yardstick_age_seconds,
    )
    answer.now.FromMilliseconds(found.now_ms)
    return answer


def _reason(reason: Reason, names: Names) -> pb.NodeExplanation:
    return pb.NodeExplanation(
        path=reason.path,
        fulfilled=reason.fulfilled,
        sentence=sentence_message(reason.node, names),
        value=gene_value(reason.value),
    )

"""gRPC in: external genes and their values."""

import time
import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import grpc
from contracts.insight.v1 import external_genes_service_pb2 as pb
from contracts.insight.v1 import external_genes_service_pb2_grpc as pb_grpc
from contracts.insight.v1 import genes_service_pb2 as genes_pb

from chassis.rpc import tenant
from services.insight.api.answers import watermark_message
from services.insight.api.gene_values import bucket_message, gene_value, number_text
from services.insight.domain.catalogue import OPERATORS
from services.insight.domain.conversions import Conversion
from services.insight.domain.distributions import Bucket
from services.insight.domain.external.columns import Mode
from services.insight.domain.external.kinds import ExternalType, Origin, value_type
from services.insight.errors import (
    ExternalChangeNotValid,
    ExternalGeneNotFound,
    ExternalGeneNotValid,
    PageTokenNotValid,
    RangeNotValid,
)
from services.insight.evaluation import Moment
from services.insight.external_genes import Asked, Bringing, Earlier, OwnExternal, Row
from services.insight.paging import page_size, place, text_place, text_token, token
from services.insight.store.events import Watermark
from services.insight.store.external import NEWEST, About, ExternalGene, Place
from services.insight.store.external_values import Change, Changed

_MAX_ACTOR_CHARACTERS = 200
_DEFAULT_BUCKETS = 20
_MAX_BUCKETS = 100
_PAGES = "external genes"
_MOST_NUMBERS = 2**31 - 1
_MODES = {
    pb.EXTERNAL_MODE_MERGE: Mode.MERGE,
    pb.EXTERNAL_MODE_REPLACE: Mode.REPLACE,
    pb.EXTERNAL_MODE_REMOVE: Mode.REMOVE,
}
_MODE_NUMBERS = {mode: number for number, mode in _MODES.items()}
_ORIGINS = {
    pb.EXTERNAL_ORIGIN_UPLOADED: Origin.UPLOADED,
    pb.EXTERNAL_ORIGIN_PARTNER: Origin.PARTNER,
    pb.EXTERNAL_ORIGIN_MODEL: Origin.MODEL,
}
_ORIGIN_NUMBERS = {origin: number for number, origin in _ORIGINS.items()}

Context = grpc.aio.ServicerContext[Any, Any]


class ExternalGenesApi(pb_grpc.ExternalGenesServiceServicer):
    """contracts.insight.v1.ExternalGenesService."""

    service_name = pb.DESCRIPTOR.services_by_name["ExternalGenesService"].full_name

    def __init__(self, bringing: Bringing, watermark: Callable[[], Watermark]) -> None:
        self._bringing = bringing
        self._watermark = watermark

    def add_to(self, server: grpc.aio.Server) -> None:
        pb_grpc.add_ExternalGenesServiceServicer_to_server(self, server)

    async def CreateExternalGene(
        self, request: pb.CreateExternalGeneRequest, context: Context
    ) -> pb.CreateExternalGeneResponse:
        gene_id = _uuid("gene_id", request.gene_id)
        about = _about(request.draft, request.owner)
        return pb.CreateExternalGeneResponse(
            gene=_message(await self._bringing.create(tenant(), gene_id, about))
        )

    async def GetExternalGene(
        self, request: pb.GetExternalGeneRequest, context: Context
    ) -> pb.GetExternalGeneResponse:
        gene_id, watermark = _known(request.gene_id), self._watermark()
        found = await self._bringing.genes.load(tenant(), gene_id)
        people = None
        if not request.uncounted:
            people = await self._bringing.people(tenant(), gene_id, _moment(watermark))
        return pb.GetExternalGeneResponse(
            gene=_message(found), people=people, watermark=watermark_message(watermark)
        )

    async def ListExternalGenes(
        self, request: pb.ListExternalGenesRequest, context: Context
    ) -> pb.ListExternalGenesResponse:
        size = page_size(request.page_size)
        before = _place(request.page_token) if request.page_token else NEWEST
        found = await self._bringing.genes.page(tenant(), before=before, size=size + 1)
        page = found[:size]
        following = ""
        if len(found) > size:
            following = text_token(_PAGES, page[-1].created_at.isoformat(), page[-1].gene_id)
        return pb.ListExternalGenesResponse(genes=map(_message, page), next_page_token=following)

    async def UpdateExternalGene(
        self, request: pb.UpdateExternalGeneRequest, context: Context
    ) -> pb.UpdateExternalGeneResponse:
        gene_id = _known(request.gene_id)
        present = (await self._bringing.genes.load(tenant(), gene_id)).about
        draft = request.draft
        draft.type = draft.type or present.type.value
        draft.origin = draft.origin or _ORIGIN_NUMBERS[present.origin]
        about = _about(draft, present.owner)
        if (about.type, about.origin) != (present.type, present.origin):
            raise ExternalGeneNotValid("The type and the origin of a gene stay; make another.", field="type")
        changed = await self._bringing.describe(tenant(), gene_id, about)
        return pb.UpdateExternalGeneResponse(gene=_message(changed))

    async def DeleteExternalGene(
        self, request: pb.DeleteExternalGeneRequest, context: Context
    ) -> pb.DeleteExternalGeneResponse:
        await self._bringing.genes.delete(tenant(), _known(request.gene_id))
        return pb.DeleteExternalGeneResponse()

    async def PutExternalValues(
        self, request: pb.PutExternalValuesRequest, context: Context
    ) -> pb.PutExternalValuesResponse:
        if request.mode not in _MODES:
            raise ExternalChangeNotValid("Say whether to merge, replace or remove.")
        if len(request.actor) > _MAX_ACTOR_CHARACTERS or "\0" in request.actor:
            raise ExternalChangeNotValid("Say who asks.", limit=_MAX_ACTOR_CHARACTERS)
        change_id = _uuid("change_id", request.change_id)
        change = Change(_known(request.gene_id), change_id, _MODES[request.mode], request.actor)
        rows = [Row(one.nid, one.value) for one in request.values]
        gene, refused = await self._bringing.put(
            tenant(), change, request.part, rows, only_check=request.only_check
        )
        if request.commit and not request.only_check:
            gene = await self._bringing.values.commit(tenant(), change, request.unmatched)
        return pb.PutExternalValuesResponse(
            gene=_message(gene), refused=[pb.RefusedValue(row=one.row, detail=one.detail) for one in refused]
        )

    async def ListExternalChanges(
        self, request: pb.ListExternalChangesRequest, context: Context
    ) -> pb.ListExternalChangesResponse:
        size = page_size(request.page_size)
        before = place(request.page_token)[0] if request.page_token else _MOST_NUMBERS
        if not 0 <= before <= _MOST_NUMBERS:
            raise PageTokenNotValid("This page token is not one of ours.")
        gene_id = _known(request.gene_id)
        found = await self._bringing.values.changes(tenant(), gene_id, before, size + 1)
        page = found[:size]
        following = token(page[-1].number) if len(found) > size else ""
        return pb.ListExternalChangesResponse(changes=map(_change, page), next_page_token=following)

    async def GetExternalDistribution(
        self, request: pb.GetExternalDistributionRequest, context: Context
    ) -> pb.GetExternalDistributionResponse:
        most, watermark = request.max_buckets or _DEFAULT_BUCKETS, self._watermark()
        if most > _MAX_BUCKETS:
            raise RangeNotValid(f"Ask for at most {_MAX_BUCKETS} buckets.", max_buckets=most)
        asked = Asked(_known(request.gene_id), most, request.conversion, request.goal_id)
        lies = await self._bringing.lies(tenant(), asked, _moment(watermark))
        found = lies.distribution
        conversions: Sequence[Conversion | None] = lies.conversions or [None] * len(found.buckets)
        return pb.GetExternalDistributionResponse(
            buckets=[_bucket(*pair) for pair in zip(found.buckets, conversions, strict=True)],
            others=found.others,
            unknown=found.unknown,
            everybody=found.everybody,
            breaks=map(number_text, found.breaks),
            mean=None if found.mean is None else number_text(found.mean),
            median=None if found.median is None else number_text(found.median),
            watermark=watermark_message(watermark),
        )

    async def GetProfileExternalGenes(
        self, request: pb.GetProfileExternalGenesRequest, context: Context
    ) -> pb.GetProfileExternalGenesResponse:
        watermark = self._watermark()
        own = await self._bringing.own(
            tenant(), request.profile_id, _moment(watermark), percentiles=request.percentiles
        )
        return pb.GetProfileExternalGenesResponse(
            genes=map(_own, own), watermark=watermark_message(watermark)
        )


def _moment(watermark: Watermark) -> Moment:
    return Moment(watermark.position, time.time_ns() // 1_000_000)


def _uuid(field: str, text: str) -> str:
    try:
        return str(uuid.UUID(text))
    except ValueError as error:
        raise ExternalChangeNotValid(f"{field} must be a UUID.", field=field) from error


def _known(gene_id: str) -> str:
    """An id that a gene can have; raises ExternalGeneNotFound."""
    try:
        return str(uuid.UUID(gene_id))
    except ValueError as error:
        raise ExternalGeneNotFound("There is no such external gene.", gene_id=gene_id[:64]) from error


def _place(sent: str) -> Place:
    created_at, gene_id = text_place(_PAGES, sent, 2)
    try:
        return datetime.fromisoformat(created_at).astimezone(UTC), str(uuid.UUID(gene_id))
    except (ValueError, OverflowError) as error:
        raise PageTokenNotValid("This page token is not one of ours.") from error


def _about(draft: pb.ExternalGeneDraft, owner: str) -> About:
    try:
        kind = ExternalType(draft.type)
    except ValueError as error:
        known = ", ".join(ExternalType)
        raise ExternalGeneNotValid(f"A gene's type is one of {known}.", field="type") from error
    if draft.origin not in _ORIGINS:
        raise ExternalGeneNotValid("Say who brings the values.", field="origin")
    return About(
        draft.name.zh_tw,
        draft.name.en,
        kind,
        draft.unit,
        _ORIGINS[draft.origin],
        draft.version,
        draft.description,
        dict(draft.validation),
        owner,
    )


def _message(gene: ExternalGene) -> pb.ExternalGene:
    about = gene.about
    draft = pb.ExternalGeneDraft(
        name=genes_pb.LocalText(zh_tw=about.name_zh, en=about.name_en),
        type=about.type.value,
        unit=about.unit,
        origin=_ORIGIN_NUMBERS[about.origin],
        version=about.version,
        description=about.description,
        validation=about.validation,
    )
    answer = pb.ExternalGene(
        gene_id=gene.gene_id,
        draft=draft,
        owner=about.owner,
        number=gene.number,
        identifiers=gene.identifiers,
        unmatched=gene.unmatched,
        operators=[*OPERATORS[value_type(about.type)], "changed"],
    )
    answer.created_at.FromDatetime(gene.created_at)
    answer.changed_at.FromDatetime(gene.changed_at)
    return answer


def _change(one: Changed) -> pb.ExternalChange:
    answer = pb.ExternalChange(
        number=one.number,
        mode=_MODE_NUMBERS[one.mode],
        changed=one.changed,
        unmatched=one.unmatched,
        changed_by=one.changed_by,
    )
    answer.changed_at.FromDatetime(one.changed_at)
    return answer


def _own(own: OwnExternal) -> pb.ProfileExternalGene:
    return pb.ProfileExternalGene(
        gene=_message(own.gene),
        value=gene_value(own.value),
        history=map(_earlier, own.history),
        percentile=own.percentile,
    )


def _bucket(bucket: Bucket, conversion: Conversion | None) -> genes_pb.GeneBucket:
    answer = bucket_message(bucket)
    if conversion is not None:
        answer.before, answer.converted = conversion.before, conversion.converted
    return answer


def _earlier(one: Earlier) -> pb.EarlierExternalValue:
    answer = pb.EarlierExternalValue(before=one.before, after=one.after, changed_by=one.changed_by)
    answer.changed_at.FromDatetime(one.changed_at)
    return answer

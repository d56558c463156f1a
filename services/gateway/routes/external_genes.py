"""External genes: values about people that a tenant, a partner or a model brings, and what became of them."""

import uuid
from typing import Annotated

from contracts.insight.v1 import external_genes_service_pb2 as pb
from fastapi import APIRouter, Depends, Query, Request, Response

from services.gateway.domain.cursors import cursor_of, place_of
from services.gateway.errors.files import ImportMappingNotValid
from services.gateway.errors.people import ProfileNotFound
from services.gateway.errors.requests import CursorNotValid
from services.gateway.imports.values import MODES, not_valid, part_of, taken
from services.gateway.routes.answers import as_of
from services.gateway.routes.external_answers import (
    ORIGINS,
    ExternalChangeList,
    ExternalDistribution,
    ExternalGene,
    ExternalGeneList,
    GeneWords,
    NewExternalGene,
    OneExternalGene,
    ProfileExternalGenes,
    PutValues,
    RefusedRow,
    UploadedValues,
    ValueRows,
    bucket_answer,
    change_answer,
    gene_answer,
    gene_draft,
    own_answer,
    told_row,
)
from services.gateway.routes.genes import Overlay
from services.gateway.routes.import_answers import ImportAnswer
from services.gateway.routes.imports import load, start
from services.gateway.routes.parts import Caller, CommandId, Cursor, Limit, PartsOf
from services.gateway.routes.presence import while_there
from services.gateway.routes.profiles import ProfileId

router = APIRouter(tags=["external genes"])


@router.get("/v1/external-genes", summary="External genes, newest first 外部基因清單")
async def list_external_genes(
    principal: Caller, parts: PartsOf, cursor: Cursor = "", limit: Limit = 50
) -> ExternalGeneList:
    request = pb.ListExternalGenesRequest(page_size=limit, page_token=_token("external genes", cursor))
    found = await parts.clients.external_genes.page(principal.tenant_id, request)
    following = cursor_of("external genes", found.next_page_token) if found.next_page_token else None
    return ExternalGeneList(genes=[gene_answer(one) for one in found.genes], next_cursor=following)


@router.post("/v1/external-genes", status_code=201, summary="Make an external gene 建立外部基因")
async def make_external_gene(
    body: NewExternalGene, principal: Caller, parts: PartsOf, command_id: CommandId
) -> ExternalGene:
    """Its type stays. Then bring values: as a file (`uploads`) or row by row (`values`)."""
    draft = gene_draft(body)
    draft.type, draft.origin = body.type, ORIGINS[body.origin]
    request = pb.CreateExternalGeneRequest(gene_id=command_id, draft=draft, owner=principal.name)
    made = await parts.clients.external_genes.create(principal.tenant_id, request)
    told = {"type": body.type, "origin": body.origin}
    await parts.audit.write(principal.did("external_gene.made", f"external_gene:{made.gene_id}", after=told))
    return gene_answer(made)


@router.get("/v1/external-genes/{gene_id}", summary="One external gene 單一外部基因")
async def get_external_gene(gene_id: uuid.UUID, principal: Caller, parts: PartsOf) -> OneExternalGene:
    found = await parts.clients.external_genes.get(principal.tenant_id, str(gene_id))
    return OneExternalGene(gene=gene_answer(found.gene), people=found.people, **as_of(found.watermark))


@router.put("/v1/external-genes/{gene_id}", summary="Other words for an external gene 修改外部基因")
async def change_external_gene(
    gene_id: uuid.UUID, body: GeneWords, principal: Caller, parts: PartsOf
) -> ExternalGene:
    """Its type, its origin and its values stay."""
    request = pb.UpdateExternalGeneRequest(gene_id=str(gene_id), draft=gene_draft(body))
    changed = await parts.clients.external_genes.update(principal.tenant_id, request)
    await parts.audit.write(principal.did("external_gene.changed", f"external_gene:{gene_id}"))
    return gene_answer(changed)


@router.delete(
    "/v1/external-genes/{gene_id}", status_code=204, summary="Delete it and its values 刪除外部基因"
)
async def delete_external_gene(gene_id: uuid.UUID, principal: Caller, parts: PartsOf) -> Response:
    """Refused while a segment names it."""
    await parts.clients.external_genes.delete(principal.tenant_id, str(gene_id))
    await parts.audit.write(principal.did("external_gene.deleted", f"external_gene:{gene_id}"))
    return Response(status_code=204)


@router.post(
    "/v1/external-genes/{gene_id}/uploads", status_code=202, summary="Bring values from a file 上傳數值"
)
async def upload_external_values(
    gene_id: uuid.UUID, body: UploadedValues, principal: Caller, parts: PartsOf
) -> ImportAnswer:
    """Starts an import of kind `gene`, tried with its dry run before: values change when all is read.

    Rows that are not taken (nobody known, twice the same person, no such value) can be downloaded.
    """
    await parts.clients.external_genes.get(principal.tenant_id, str(gene_id), counted=False)
    mapping = (await load(parts, principal, body.import_id)).mapping
    if mapping is not None and mapping["constants"].get("gene") != str(gene_id):
        raise ImportMappingNotValid("gene: the mapping's constants name another gene; say this one.")
    target = {"gene_id": str(gene_id), "mode": body.mode}
    return await start(parts, principal, body.import_id, target)


@router.post("/v1/external-genes/{gene_id}/values", summary="Bring values row by row 寫入數值")
async def bring_external_values(
    gene_id: uuid.UUID, body: ValueRows, principal: Caller, parts: PartsOf, command_id: CommandId
) -> PutValues:
    """For partners and models: up to 1,000 rows take effect together. Repeated with its Idempotency-Key it
    is one change; a change of many people is better a file."""
    tenant_id, clients = principal.tenant_id, parts.clients
    told = [told_row(place, row) for place, row in enumerate(body.rows)]
    found = await taken(told, lambda request: clients.identity.look_up_identifiers(tenant_id, request))
    assert found is not None
    said = {"gene_id": str(gene_id), "change_id": command_id, "mode": MODES[body.mode]}
    request = part_of(found.matched, **said, commit=True, unmatched=found.unmatched, actor=principal.name)
    put = await clients.external_genes.put_values(tenant_id, request)
    accepted = len(found.matched) - len(put.refused)
    entry = principal.did("external_gene.values_put", f"external_gene:{gene_id}", after={"rows": accepted})
    await parts.audit.write(entry)
    refused = sorted([*found.refused, *not_valid(found.matched, put)], key=lambda one: one.place)
    return PutValues(
        gene=gene_answer(put.gene),
        accepted=accepted,
        refused=[RefusedRow(row=one.place, reason=one.reason, detail=one.detail) for one in refused],
    )


@router.get("/v1/external-genes/{gene_id}/changes", summary="What changes did, newest first 變更紀錄")
async def list_external_changes(
    gene_id: uuid.UUID, principal: Caller, parts: PartsOf, cursor: Cursor = "", limit: Limit = 50
) -> ExternalChangeList:
    name = f"external gene {gene_id}"
    request = pb.ListExternalChangesRequest(
        gene_id=str(gene_id), page_size=limit, page_token=_token(name, cursor)
    )
    found = await parts.clients.external_genes.changes(principal.tenant_id, request)
    following = cursor_of(name, found.next_page_token) if found.next_page_token else None
    return ExternalChangeList(changes=[change_answer(one) for one in found.changes], next_cursor=following)


@router.get("/v1/external-genes/{gene_id}/distribution", summary="How its values lie 外部基因分布")
async def get_external_distribution(
    gene_id: uuid.UUID,
    request: Request,
    principal: Caller,
    parts: PartsOf,
    *,
    buckets: Annotated[int, Query(ge=1, le=100)] = 20,
    overlay: Annotated[Overlay, Depends()],
) -> ExternalDistribution:
    """With `conversion`, what became of the values of 30 days ago, as the history of changes has them."""
    asked = pb.GetExternalDistributionRequest(
        gene_id=str(gene_id),
        max_buckets=buckets,
        conversion=overlay.conversion,
        goal_id=overlay.goal_id,
    )
    answer = parts.clients.external_genes.distribution(principal.tenant_id, asked)
    found = await while_there(request, answer)
    return ExternalDistribution(
        buckets=[bucket_answer(one) for one in found.buckets],
        others=found.others,
        unknown=found.unknown,
        everybody=found.everybody,
        breaks=list(found.breaks),
        mean=found.mean if found.HasField("mean") else None,
        median=found.median if found.HasField("median") else None,
        **as_of(found.watermark),
    )


@router.get("/v1/profiles/{profile_id}/external-genes", summary="One profile's external genes 顧客的外部基因")
async def get_profile_external_genes(
    profile_id: ProfileId,
    principal: Caller,
    parts: PartsOf,
    percentiles: Annotated[bool, Query(description="Measure each number by everybody's 百分位")] = False,
) -> ProfileExternalGenes:
    """Those that the profile has or had a value of, with what it was before."""
    known = await parts.clients.identity.get_profile(principal.tenant_id, profile_id)
    if known is None:
        raise ProfileNotFound("There is no such profile.")
    survivor = known.profile.profile_id
    asked = pb.GetProfileExternalGenesRequest(profile_id=survivor, percentiles=percentiles)
    found = await parts.clients.external_genes.of_profile(principal.tenant_id, asked)
    return ProfileExternalGenes(
        profile_id=survivor, genes=[own_answer(one) for one in found.genes], **as_of(found.watermark)
    )


def _token(name: str, cursor: str) -> str:
    place = place_of(name, cursor, str) if cursor else ("",)
    if place is None:
        raise CursorNotValid("The cursor belongs to another list.")
    return str(place[0])

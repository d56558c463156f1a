"""External genes as the API takes and tells them."""

import uuid
from datetime import datetime
from typing import Annotated, Any, Literal

from contracts.insight.v1 import external_genes_service_pb2 as pb
from contracts.insight.v1 import genes_service_pb2 as genes_pb
from pydantic import BaseModel, Field

from services.gateway.domain.importing.people import identifiers
from services.gateway.imports.values import MODES, Told
from services.gateway.routes.answers import AsOf, moment
from services.gateway.routes.genes import LocalText, gene_value, local
from services.gateway.routes.parts import Body, Storable

ExternalType = Literal["number", "money", "ratio", "category", "date", "boolean", "list"]
Origin = Literal["uploaded", "partner", "model"]
Mode = Literal["merge", "replace", "remove"]
ORIGINS: dict[Origin, pb.ExternalOrigin.ValueType] = {
    "uploaded": pb.EXTERNAL_ORIGIN_UPLOADED,
    "partner": pb.EXTERNAL_ORIGIN_PARTNER,
    "model": pb.EXTERNAL_ORIGIN_MODEL,
}
_ORIGIN_NAMES = {number: name for name, number in ORIGINS.items()}
_MODE_NAMES: dict[int, Mode] = {number: name for name, number in MODES.items()}  # type: ignore[misc]
_Name = Annotated[str, Field(min_length=1, max_length=200), Storable]
_Figure = Annotated[str, Field(max_length=100), Storable]
_MAX_ROWS = 1_000


class Names(Body):
    zh_tw: _Name
    en: _Name


class GeneWords(Body):
    name: Names
    unit: Annotated[str, Field(max_length=20), Storable] = ""
    version: Annotated[str, Field(max_length=100), Storable] = Field(
        default="", description="Of what computes it 版本"
    )
    description: Annotated[str, Field(max_length=2000), Storable] = ""
    validation: dict[_Figure, _Figure] = Field(
        default={}, max_length=20, description="What is known of a model's quality, by name 驗證指標"
    )


class NewExternalGene(GeneWords):
    type: ExternalType
    origin: Origin = "uploaded"


class ExternalGene(BaseModel):
    """Values by identifier; people have the newest of theirs. 外部基因"""

    id: str
    name: LocalText
    type: ExternalType
    unit: str
    origin: Origin
    version: str
    description: str
    validation: dict[str, str]
    owner: str
    number: int = Field(description="Of the newest change; 0 before the first")
    identifiers: int
    unmatched: int = Field(description="Rows of the newest change that matched nobody")
    operators: list[str]
    created_at: datetime | None
    changed_at: datetime | None


class OneExternalGene(AsOf):
    gene: ExternalGene
    people: int = Field(description="Who has a value")


class ExternalGeneList(BaseModel):
    genes: list[ExternalGene]
    next_cursor: str | None


class UploadedValues(Body):
    import_id: uuid.UUID = Field(
        description="An import of kind `gene` whose columns are mapped, with this gene in its constants"
    )
    mode: Mode = Field(description="replace: whoever is not in the file has no value any more")


class ValueRow(Body):
    """Whom it is about, by the most telling identifier that somebody has, and the value."""

    user_id: Annotated[str, Field(max_length=500), Storable] | None = None
    email: Annotated[str, Field(max_length=500), Storable] | None = None
    phone: Annotated[str, Field(max_length=500), Storable] | None = None
    line_id: Annotated[str, Field(max_length=500), Storable] | None = None
    line_provider: Annotated[str, Field(max_length=500), Storable] | None = None
    anonymous_id: Annotated[str, Field(max_length=500), Storable] | None = None
    external_ids: dict[str, Annotated[str, Field(max_length=500), Storable]] = Field(
        default={}, max_length=10
    )
    value: Annotated[str, Field(max_length=4000), Storable] | int | float | bool | list[str] | None = Field(
        default=None, description="Left out where values are removed; money best as text"
    )


class ValueRows(Body):
    mode: Literal["merge", "remove"] = "merge"
    rows: list[ValueRow] = Field(min_length=1, max_length=_MAX_ROWS)


class RefusedRow(BaseModel):
    row: int
    reason: str = Field(description="NO_PERSON, NOT_MATCHED, DUPLICATE_PERSON or VALUE_NOT_VALID")
    detail: str


class PutValues(BaseModel):
    """Rows that were not taken changed nothing, and stopped no other."""

    gene: ExternalGene
    accepted: int
    refused: list[RefusedRow]


class ExternalChange(BaseModel):
    number: int
    mode: Mode
    changed: int = Field(description="Identifiers that got, lost or changed a value")
    unmatched: int
    changed_by: str
    changed_at: datetime | None


class ExternalChangeList(BaseModel):
    changes: list[ExternalChange]
    next_cursor: str | None


class ExternalBucket(BaseModel):
    low: str | None = Field(description="Numbers and dates; both ends included")
    high: str | None
    value: str | None
    profiles: int
    before: int | None = Field(description="Who had such a value 30 days ago, with what is known today")
    converted: int | None = Field(description="Those of them who reached the goal since")


class ExternalDistribution(AsOf):
    """Numbers and dates rise; other values come most frequent first."""

    buckets: list[ExternalBucket]
    others: int
    unknown: int
    everybody: int
    breaks: list[str]
    mean: str | None
    median: str | None


class EarlierValue(BaseModel):
    before: str | None = Field(description="null: there was none")
    after: str | None
    changed_at: datetime | None
    changed_by: str


class OwnExternalGene(BaseModel):
    gene: ExternalGene
    value: Any = Field(description="null: unknown")
    percentile: float | None = Field(
        description="Numbers, where asked for: share of everybody's known values that are at most this one"
    )
    history: list[EarlierValue] = Field(description="Newest first, at most 50 of two years")


class ProfileExternalGenes(AsOf):
    profile_id: int
    genes: list[OwnExternalGene]


def gene_draft(body: GeneWords) -> pb.ExternalGeneDraft:
    return pb.ExternalGeneDraft(
        name=genes_pb.LocalText(zh_tw=body.name.zh_tw, en=body.name.en),
        unit=body.unit,
        version=body.version,
        description=body.description,
        validation=body.validation,
    )


def told_row(place: int, row: ValueRow) -> Told:
    said = row.model_dump(exclude={"external_ids", "value"}, exclude_none=True)
    said |= {f"external_ids.{name}": text for name, text in row.external_ids.items()}
    return Told(place, identifiers(said), row.value)


def gene_answer(gene: pb.ExternalGene) -> ExternalGene:
    draft = gene.draft
    kind: Any = draft.type
    return ExternalGene(
        id=gene.gene_id,
        name=local(draft.name),
        type=kind,
        unit=draft.unit,
        origin=_ORIGIN_NAMES[draft.origin],
        version=draft.version,
        description=draft.description,
        validation=dict(draft.validation),
        owner=gene.owner,
        number=gene.number,
        identifiers=gene.identifiers,
        unmatched=gene.unmatched,
        operators=list(gene.operators),
        created_at=moment(gene.created_at),
        changed_at=moment(gene.changed_at),
    )


def change_answer(one: pb.ExternalChange) -> ExternalChange:
    return ExternalChange(
        number=one.number,
        mode=_MODE_NAMES[one.mode],
        changed=one.changed,
        unmatched=one.unmatched,
        changed_by=one.changed_by,
        changed_at=moment(one.changed_at),
    )


def bucket_answer(one: genes_pb.GeneBucket) -> ExternalBucket:
    return ExternalBucket(
        low=one.low if one.HasField("low") else None,
        high=one.high if one.HasField("high") else None,
        value=one.value if one.HasField("value") else None,
        profiles=one.profiles,
        before=one.before if one.HasField("before") else None,
        converted=one.converted if one.HasField("converted") else None,
    )


def own_answer(one: pb.ProfileExternalGene) -> OwnExternalGene:
    return OwnExternalGene(
        gene=gene_answer(one.gene),
        value=gene_value(one.value),
        percentile=one.percentile if one.HasField("percentile") else None,
        history=[_earlier(each) for each in one.history],
    )


def _earlier(one: pb.EarlierExternalValue) -> EarlierValue:
    return EarlierValue(
        before=one.before if one.HasField("before") else None,
        after=one.after if one.HasField("after") else None,
        changed_at=moment(one.changed_at),
        changed_by=one.changed_by,
    )

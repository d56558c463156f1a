"""Attributes of people: which traits were sent, of which type, and what they say most."""

import json
from typing import Annotated, Any, Literal

from contracts.insight.v1 import attributes_service_pb2 as pb
from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from services.gateway.domain.masking import Sight, masked_value
from services.gateway.routes.answers import AsOf, as_of
from services.gateway.routes.parts import Body, Caller, PartsOf, Storable
from services.gateway.routes.sight import SightOf

router = APIRouter(tags=["attributes"])

AttributeType = Literal["number", "text", "date", "boolean", "list"]
_TYPES: dict[AttributeType, pb.AttributeType.ValueType] = {
    "number": pb.ATTRIBUTE_TYPE_NUMBER,
    "text": pb.ATTRIBUTE_TYPE_TEXT,
    "date": pb.ATTRIBUTE_TYPE_DATE,
    "boolean": pb.ATTRIBUTE_TYPE_BOOLEAN,
    "list": pb.ATTRIBUTE_TYPE_LIST,
}
_NAMES = {number: name for name, number in _TYPES.items()}


class AttributeValue(BaseModel):
    value: Any
    people: int


class Attribute(BaseModel):
    name: str
    type: AttributeType
    inferred_type: AttributeType | None = Field(
        description="What a sample of its values tells; null where they are all null"
    )
    chosen: bool = Field(description="Whether the type was chosen rather than told by the values")
    people: int = Field(description="Whose newest value is not null")
    share: float | None = Field(description="people / everybody, 0 to 1; null where there is nobody")
    top_values: list[AttributeValue] | None = Field(
        description="The ten most frequent, of a list its elements; null: too many values to count"
    )


class AttributeList(AsOf):
    attributes: list[Attribute]
    everybody: int
    left_off: bool = Field(description="Whether more than 1,000 names were sent; those of fewest people")


class ChosenType(Body):
    name: Annotated[str, Field(min_length=1, max_length=500), Storable]
    type: AttributeType | None = Field(description="null: as its values tell")


@router.get("/v1/attributes", summary="Attributes of people 會員屬性")
async def list_attributes(principal: Caller, parts: PartsOf, sight: SightOf) -> AttributeList:
    """Every trait that identify or an import set, those that most people have first."""
    found = await parts.clients.attributes.list_attributes(principal.tenant_id)
    return AttributeList(
        attributes=[_answer(one, found.everybody, sight) for one in found.attributes],
        everybody=found.everybody,
        left_off=found.left_off,
        **as_of(found.watermark),
    )


@router.put("/v1/attributes", status_code=204, summary="Choose an attribute's type 設定屬性型別")
async def put_attribute_type(body: ChosenType, principal: Caller, parts: PartsOf) -> Response:
    """The name need not have been sent yet."""
    kind = pb.ATTRIBUTE_TYPE_UNSPECIFIED if body.type is None else _TYPES[body.type]
    request = pb.PutAttributeTypeRequest(name=body.name, type=kind, actor=principal.name)
    await parts.clients.attributes.put_attribute_type(principal.tenant_id, request)
    told = {"type": body.type}
    await parts.audit.write(principal.did("attribute.type_put", "attributes", after=told))
    return Response(status_code=204)


def _answer(one: pb.Attribute, everybody: int, sight: Sight) -> Attribute:
    values = [
        AttributeValue(value=_value(one.name, top.value_json, sight), people=top.people)
        for top in one.top_values
    ]
    return Attribute(
        name=one.name,
        type=_NAMES[one.type],
        inferred_type=_NAMES.get(one.inferred_type),
        chosen=one.chosen,
        people=one.people,
        share=round(one.people / everybody, 6) if everybody else None,
        top_values=None if one.too_many_values else values,
    )


def _value(name: str, value_json: str, sight: Sight) -> Any:
    value = json.loads(value_json)
    return value if sight.everything else masked_value(name, value, of_person=True)

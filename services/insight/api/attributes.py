"""gRPC in: attributes of people and their types."""

import time
from typing import Any

import grpc
from contracts.insight.v1 import attributes_service_pb2 as pb
from contracts.insight.v1 import attributes_service_pb2_grpc as pb_grpc
from contracts.insight.v1 import insight_service_pb2 as insight_pb

from chassis.rpc import tenant
from services.insight.domain.attributes import AttributeType
from services.insight.domain.segments.tree import All
from services.insight.errors import AttributeNotValid
from services.insight.evaluation import Evaluator, Moment
from services.insight.store.attributes import Attribute, Attributes

_MAX_NAME_CHARACTERS = 500
_MAX_ACTOR_CHARACTERS = 200
_TYPES = {
    AttributeType.NUMBER: pb.ATTRIBUTE_TYPE_NUMBER,
    AttributeType.TEXT: pb.ATTRIBUTE_TYPE_TEXT,
    AttributeType.DATE: pb.ATTRIBUTE_TYPE_DATE,
    AttributeType.BOOLEAN: pb.ATTRIBUTE_TYPE_BOOLEAN,
    AttributeType.LIST: pb.ATTRIBUTE_TYPE_LIST,
}
_KINDS = {number: kind for kind, number in _TYPES.items()}

Context = grpc.aio.ServicerContext[Any, Any]


class AttributesApi(pb_grpc.AttributesServiceServicer):
    """contracts.insight.v1.AttributesService."""

    service_name = pb.DESCRIPTOR.services_by_name["AttributesService"].full_name

    def __init__(self, attributes: Attributes, evaluator: Evaluator) -> None:
        self._attributes = attributes
        self._evaluator = evaluator

    def add_to(self, server: grpc.aio.Server) -> None:
        pb_grpc.add_AttributesServiceServicer_to_server(self, server)

    async def ListAttributes(
        self, request: pb.ListAttributesRequest, context: Context
    ) -> pb.ListAttributesResponse:
        sent = await self._attributes.load(tenant())
        moment = Moment(sent.watermark.position, time.time_ns() // 1_000_000)
        # Whom every answer's shares are of.
        everybody = (await self._evaluator.evaluate(tenant(), All(()), moment)).everybody
        answer = pb.ListAttributesResponse(
            attributes=map(_attribute, sent.attributes),
            left_off=not sent.all_named,
            everybody=everybody,
            watermark=insight_pb.Watermark(position=sent.watermark.position),
        )
        if sent.watermark.as_of is not None:
            answer.watermark.as_of.FromDatetime(sent.watermark.as_of)
        return answer

    async def PutAttributeType(
        self, request: pb.PutAttributeTypeRequest, context: Context
    ) -> pb.PutAttributeTypeResponse:
        if not 0 < len(request.name) <= _MAX_NAME_CHARACTERS or "\0" in request.name:
            raise AttributeNotValid("Name an attribute.", field="name", limit=_MAX_NAME_CHARACTERS)
        if len(request.actor) > _MAX_ACTOR_CHARACTERS or "\0" in request.actor:
            raise AttributeNotValid("Say who asks.", field="actor", limit=_MAX_ACTOR_CHARACTERS)
        if request.type and request.type not in _KINDS:
            raise AttributeNotValid("There is no such type.", field="type")
        await self._attributes.choose(tenant(), request.name, _KINDS.get(request.type), request.actor)
        return pb.PutAttributeTypeResponse()


def _attribute(one: Attribute) -> pb.Attribute:
    return pb.Attribute(
        name=one.name,
        type=_TYPES[one.type],
        inferred_type=pb.ATTRIBUTE_TYPE_UNSPECIFIED if one.inferred is None else _TYPES[one.inferred],
        chosen=one.chosen,
        people=one.people,
        top_values=[
            pb.AttributeValue(value_json=value, people=people) for value, people in one.top_values or ()
        ],
        too_many_values=one.top_values is None,
    )

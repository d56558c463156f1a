"""Attributes through their own door: what was sent, by how many people, as which type."""

from datetime import timedelta
from typing import Any

import pytest
from contracts.insight.v1 import attributes_service_pb2 as pb
from contracts.insight.v1 import attributes_service_pb2_grpc as pb_grpc

from chassis.errors import ExpectedError
from tests.service.insight.installation import NOW, USER_ID, Sent, Shop

NUMBER, TEXT, DATE = pb.ATTRIBUTE_TYPE_NUMBER, pb.ATTRIBUTE_TYPE_TEXT, pb.ATTRIBUTE_TYPE_DATE
BOOLEAN, LIST = pb.ATTRIBUTE_TYPE_BOOLEAN, pb.ATTRIBUTE_TYPE_LIST


async def ask(shop: Shop, name: str, request: Any) -> Any:
    stub = pb_grpc.AttributesServiceStub(shop.client.rpc.channel)
    return await shop.client.rpc.call(getattr(stub, name), request, tenant_id=shop.tenant_id)


async def listed(shop: Shop) -> Any:
    return await ask(shop, "ListAttributes", pb.ListAttributesRequest())


async def choose(shop: Shop, name: str, kind: Any) -> None:
    await ask(shop, "PutAttributeType", pb.PutAttributeTypeRequest(name=name, type=kind, actor="chen"))


def says(nid: int, minutes: int = 0, **traits: Any) -> Sent:
    return Sent(nid, kind="identify", nid_kind=USER_ID, at=NOW + timedelta(minutes=minutes), traits=traits)


async def test_every_trait_has_a_type_its_people_and_its_frequent_values(shop: Shop) -> None:
    await shop.counted(
        await shop.send(
            says(1, tier="gold", points=120, birthday="1990-05-17", vip=True, tags=["a", "b"]),
            says(2, tier="gold", points=5, birthday="--02-29", vip=False, tags=["b", "b"]),
            says(3, tier="silver", points=None),
            says(3, 1, tier="gold"),
            Sent(4),
        )
    )
    answer = await listed(shop)
    found = {one.name: one for one in answer.attributes}
    assert {name: (one.type, one.people, one.chosen) for name, one in found.items()} == {
        "tier": (TEXT, 3, False),
        "points": (NUMBER, 2, False),
        "birthday": (DATE, 2, False),
        "vip": (BOOLEAN, 2, False),
        "tags": (LIST, 2, False),
    }
    assert answer.attributes[0].name == "tier"
    # The newest value of each person; of lists their elements, each once.
    assert [(one.value_json, one.people) for one in found["tier"].top_values] == [('"gold"', 3)]
    assert [(one.value_json, one.people) for one in found["tags"].top_values] == [('"b"', 2), ('"a"', 1)]
    assert (answer.everybody, answer.left_off) == (4, False)
    assert answer.watermark.position > 0


async def test_a_merged_person_is_one_with_their_newest_value(shop: Shop) -> None:
    await shop.move((12, USER_ID, 11))
    await shop.counted(await shop.send(says(11, city="臺北市"), says(12, 1, city="高雄市")))
    (city,) = (await listed(shop)).attributes
    assert city.people == 1
    assert [(one.value_json, one.people) for one in city.top_values] == [('"高雄市"', 1)]


async def test_a_type_is_chosen_and_left_to_the_values_again(shop: Shop) -> None:
    await shop.counted(await shop.send(says(1, card="0042")))
    for chosen, expected in ((NUMBER, (NUMBER, TEXT, True)), (0, (TEXT, TEXT, False))):
        await choose(shop, "card", chosen)
        (card,) = (await listed(shop)).attributes
        assert (card.type, card.inferred_type, card.chosen) == expected
    neighbour = shop.client.shop()
    await choose(neighbour, "card", NUMBER)
    assert list((await listed(neighbour)).attributes) == []
    assert not (await listed(shop)).attributes[0].chosen


@pytest.mark.parametrize(("name", "kind"), [("", NUMBER), ("x" * 501, NUMBER), ("a\0", NUMBER), ("a", 9)])
async def test_what_is_no_name_or_type_is_refused(shop: Shop, name: str, kind: Any) -> None:
    with pytest.raises(ExpectedError) as refused:
        await choose(shop, name, kind)
    assert refused.value.reason == "ATTRIBUTE_NOT_VALID"

"""The standard load is what the figures say it is."""

import json
from typing import Any

import pytest

from bench.traffic import Traffic

NOW = 1_800_000_000.0


@pytest.fixture(scope="module")
def batches() -> list[dict[str, Any]]:
    traffic = Traffic("sk_live_" + "a" * 32, tenant=0, batch=20, seed=1)
    return [body_of(traffic.next(NOW).data) for _ in range(1500)]


def body_of(data: bytes) -> dict[str, Any]:
    head, _, body = data.partition(b"\r\n\r\n")
    length = next(line for line in head.split(b"\r\n") if line.startswith(b"Content-Length"))
    assert int(length.split(b":")[1]) == len(body)
    decoded: dict[str, Any] = json.loads(body)
    return decoded


def test_every_event_has_its_own_message_id(batches: list[dict[str, Any]]) -> None:
    ids = {event["messageId"] for batch in batches for event in batch["batch"]}
    assert len(ids) == 20 * len(batches)


def test_an_event_has_about_1_2_kilobytes(batches: list[dict[str, Any]]) -> None:
    sizes = [len(json.dumps(event, ensure_ascii=False).encode()) for event in batches[0]["batch"]]
    assert 1000 < sum(sizes) / len(sizes) < 1500


def test_about_one_event_in_fifty_is_an_identify(batches: list[dict[str, Any]]) -> None:
    events = [event for batch in batches for event in batch["batch"]]
    share = sum(event["type"] == "identify" for event in events) / len(events)
    assert 0.01 < share < 0.03
    assert all(event["userId"].startswith("m") for event in events if event["type"] == "identify")


def test_about_one_event_in_ten_is_a_new_visitors(batches: list[dict[str, Any]]) -> None:
    people = [event["anonymousId"] for batch in batches for event in batch["batch"]]
    newcomers = sum(int(person[1:]) >= 200_000 for person in people) / len(people)
    assert 0.08 < newcomers < 0.12


def test_no_placeholder_is_left(batches: list[dict[str, Any]]) -> None:
    text = json.dumps(batches[:200])
    assert not any(letter * 12 in text for letter in "MAUTO")


def test_a_single_post_goes_to_the_path_of_its_kind() -> None:
    traffic = Traffic("sk_live_" + "a" * 32, tenant=0, batch=1, seed=2, path="/v1/track")
    for _ in range(100):
        data = traffic.next(NOW).data
        assert data.startswith(f"POST /v1/{body_of(data)['type']} HTTP/1.1\r\n".encode())

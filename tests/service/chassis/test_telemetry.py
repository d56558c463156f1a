"""What an operator sees of a running installation: whole traces, metrics, and logs without personal data."""

import asyncio
import base64
import contextlib
import gzip
import json
import secrets
import threading
import uuid
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.service_process import PRIVATE, ServiceProcess, running

CANARY = "canary.wang@example.com"

OPERATOR_KEY = "operator key of these tests"


class Collector:
    """Takes spans over OTLP/HTTP and keeps (service, span name) by trace."""

    def __init__(self) -> None:
        self.spans: dict[str, set[tuple[str, str]]] = {}
        collector = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.headers.get("Content-Encoding") == "gzip":
                    body = gzip.decompress(body)
                collector.take(ExportTraceServiceRequest.FromString(body))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def take(self, request: ExportTraceServiceRequest) -> None:
        for resource in request.resource_spans:
            names = {item.key: item.value.string_value for item in resource.resource.attributes}
            for scope in resource.scope_spans:
                for span in scope.spans:
                    spans = self.spans.setdefault(span.trace_id.hex(), set())
                    spans.add((names["service.name"], span.name))

    async def services_of(self, trace_id: str, wanted: set[str]) -> set[str]:
        """The services with a span in a trace, once all of `wanted` have one."""
        found: set[str] = set()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(120):
                while not wanted <= found:
                    await asyncio.sleep(0.1)
                    found = {service for service, _ in self.spans.get(trace_id, set())}
        return found


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    collector = Collector()
    thread = threading.Thread(target=collector.server.serve_forever)
    thread.start()
    yield collector
    collector.server.shutdown()
    thread.join()
    collector.server.server_close()


@dataclass
class Installation:
    parts: list[ServiceProcess]
    http: httpx.AsyncClient
    write_key: str
    secret_key: str


@pytest.fixture(scope="module")
async def installation(
    engines: Any, collector: Collector, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Installation]:
    shared = {
        "OTLP_ENDPOINT": collector.url,
        "TRACE_SHARE": "0",
        "log_folder": str(tmp_path_factory.mktemp("logs")),
    }
    async with contextlib.AsyncExitStack() as stack:
        parts = [
            await stack.enter_async_context(running(engines, name, **shared))
            for name in ("identity", "insight", "recommender", "campaign")
        ]
        addresses = {f"{part.name.upper()}_ADDRESS": part.address for part in parts}
        gateway = running(
            engines,
            "gateway",
            SIGNING_KEY=PRIVATE,
            OPERATOR_KEY=OPERATOR_KEY,
            FILES_URL=tmp_path_factory.mktemp("files").as_uri(),
            ENCRYPTION_KEY=base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
            PUBLIC_URL="http://gateway.example",
            **addresses,
            **shared,
        )
        parts.append(await stack.enter_async_context(gateway))
        url = f"http://{parts[-1].address}"
        http = await stack.enter_async_context(httpx.AsyncClient(base_url=url, timeout=30))
        made = await _make_tenant(http)
        yield Installation(parts, http, made["write_key"], made["secret_key"])


async def _make_tenant(http: httpx.AsyncClient) -> dict[str, str]:
    async with asyncio.timeout(120):
        while True:
            with contextlib.suppress(httpx.TransportError):
                answer = await http.post(
                    "/v1/operator/tenants",
                    json={"name": "Shop", "time_zone": "Asia/Taipei", "currency": "TWD"},
                    headers={
                        "authorization": "Bearer operator key of these tests",
                        "idempotency-key": uuid.uuid4().hex,
                    },
                )
                if answer.status_code == 201:
                    return dict(answer.json())
                assert answer.status_code == 503, answer.text
            await asyncio.sleep(0.2)


def traced() -> tuple[str, dict[str, str]]:
    trace_id = uuid.uuid4().hex
    return trace_id, {"traceparent": f"00-{trace_id}-{uuid.uuid4().hex[:16]}-01"}


async def _identify(installation: Installation, headers: dict[str, str]) -> None:
    event = {
        "type": "identify",
        "userId": CANARY,
        "messageId": uuid.uuid4().hex,
        "traits": {"email": CANARY, "phone": "+886912345678"},
    }
    answer = await installation.http.post(
        "/v1/batch", json={"batch": [event]}, headers=headers, auth=(installation.secret_key, "")
    )
    assert answer.status_code == 200, answer.text


async def test_a_trace_goes_from_the_request_over_the_bus_to_every_reader(
    installation: Installation, collector: Collector
) -> None:
    trace_id, headers = traced()
    await _identify(installation, headers)
    wanted = {"gateway", "identity", "recommender", "campaign"}
    assert wanted <= await collector.services_of(trace_id, wanted)


async def test_a_trace_goes_from_the_request_to_the_services_it_asks(
    installation: Installation, collector: Collector
) -> None:
    trace_id, headers = traced()
    answer = await installation.http.get(
        "/v1/profiles",
        params={"query": CANARY},
        headers=headers | {"authorization": f"Bearer {installation.secret_key}"},
    )
    assert answer.status_code == 200, answer.text
    wanted = {"gateway", "identity"}
    assert wanted <= await collector.services_of(trace_id, wanted)


async def test_no_log_line_holds_personal_data(installation: Installation) -> None:
    await _identify(installation, {})
    broken = {"type": "identify", "userId": CANARY, "traits": CANARY, "timestamp": CANARY}
    for path in ("/v1/batch", "/v1/identify", f"/v1/profiles/{CANARY}", f"/v1/nothing?email={CANARY}"):
        body = {"batch": [broken]} if path.endswith("batch") else broken
        await installation.http.post(path, json=body, auth=(installation.secret_key, ""))
        await installation.http.get(path, headers={"authorization": f"Bearer {installation.secret_key}"})
    await asyncio.sleep(1)
    for part in installation.parts:
        assert isinstance(part.log, Path)
        text = part.log.read_text("utf-8")
        assert "canary" not in text and "912345678" not in text, part.name
        for line in text.splitlines():
            assert {"at", "level", "service", "event"} <= json.loads(line).keys()


async def test_every_part_shows_its_health_and_metrics(installation: Installation) -> None:
    async with httpx.AsyncClient() as http:
        for part in installation.parts:
            assert (await http.get(f"http://{part.admin_address}/healthz")).text == "ok\n"
            assert (await http.get(f"http://{part.admin_address}/readyz")).status_code == 200
            metrics = (await http.get(f"http://{part.admin_address}/metrics")).text
            assert "process_cpu_seconds_total" in metrics
            assert "canary" not in metrics
            if part.name in ("recommender", "campaign"):
                assert f'follower_messages_total{{reader="{part.name}",stream="IDENTITY"}}' in metrics

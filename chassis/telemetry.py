"""Logs, metrics and traces: facts, never personal data."""

import json
import logging
import re
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from opentelemetry import propagate, trace
from opentelemetry.context import Context

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

_PLAIN = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}

_ADDRESS = re.compile(r"""[^\s"'<>()=:,;/\\\[\]{}]+@[^\s"'<>()=,;/\\\[\]{}]+""")
_TELEPHONE = re.compile(r"\+\d[\d ()-]{6,}\d")
# PostgreSQL quotes the row that broke a constraint.
_DETAIL = re.compile(r"^DETAIL: .*$", re.MULTILINE)


class JsonLines(logging.Formatter):
    """One JSON object a line: time, level, service, event, and the facts given as `extra`."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self._service = service

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
            + f".{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
            "service": self._service,
            "logger": record.name,
            "event": record.getMessage(),
        }
        line |= {name: value for name, value in vars(record).items() if name not in _PLAIN}
        span = trace.get_current_span().get_span_context()
        if span.is_valid:
            line["trace_id"] = f"{span.trace_id:032x}"
        if record.exc_info:
            line["exception"] = _DETAIL.sub("", self.formatException(record.exc_info))
        return json.dumps(
            {name: redacted(value) if isinstance(value, str) else value for name, value in line.items()},
            ensure_ascii=False,
            default=lambda value: redacted(str(value)),
        )


def redacted(text: str) -> str:
    """The text without e-mail addresses, credentials in URLs and telephone numbers.

    We never log them on purpose; the text of somebody else's exception may quote what it was given.
    """
    return _TELEPHONE.sub("***", _ADDRESS.sub("***", text)) if "@" in text or "+" in text else text


def start_logging(service: str, level: str) -> None:
    """Send this process' log to standard error as JSON lines."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines(service))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.captureWarnings(True)
    sys.excepthook = lambda kind, error, trace: logging.getLogger(service).critical(
        "process_died", exc_info=(kind, error, trace)
    )
    # They log every request or reconnect with addresses, which may carry credentials.
    for noisy in ("nats", "httpx", "httpcore", "uvicorn.access", "clickhouse_connect"):
        logging.getLogger(noisy).setLevel(logging.ERROR)
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)


def start_tracing(service: str, otlp_endpoint: str | None, share: float) -> "TracerProvider | None":
    """Export a share of traces; without an endpoint nothing is recorded and nothing costs."""
    if otlp_endpoint is None:
        return None
    # Rarely asked for, and long to import.
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor
    from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased

    provider = TracerProvider(
        resource=Resource.create({"service.name": service}), sampler=ParentBased(TraceIdRatioBased(share))
    )
    exporter = OTLPSpanExporter(endpoint=otlp_endpoint.rstrip("/") + "/v1/traces")
    provider.add_span_processor(BatchSpanProcessor(exporter, schedule_delay_millis=1000))
    trace.set_tracer_provider(provider)
    return provider


def tracer() -> trace.Tracer:
    """The process' tracer."""
    return trace.get_tracer("nexus")


def inject(carrier: MutableMapping[str, str]) -> None:
    """Write the current trace into headers (W3C traceparent)."""
    if trace.get_current_span().get_span_context().is_valid:
        propagate.inject(carrier)


def extract(carrier: Mapping[str, str]) -> Context:
    """The trace that headers carry."""
    return propagate.extract(carrier)


@contextmanager
def continue_traces(name: str, carriers: Iterable[Mapping[str, str]]) -> Iterator[None]:
    """One span for work on several messages: in the trace of the first that has one, linked to the others.

    Costs nothing when none of them is traced.
    """
    sources = {carrier["traceparent"]: carrier for carrier in carriers if "traceparent" in carrier}
    if not sources:
        yield
        return
    first, *others = (extract(carrier) for carrier in sources.values())
    links = [trace.Link(trace.get_current_span(other).get_span_context()) for other in others]
    with tracer().start_as_current_span(name, context=first, kind=trace.SpanKind.CONSUMER, links=links):
        yield

"""Log lines are JSON objects that hold their facts and nothing else."""

import json
import logging
import sys

from opentelemetry.sdk.trace import TracerProvider

from chassis.telemetry import JsonLines


def record(message: str, **extra: object) -> logging.LogRecord:
    return logging.getLogger("test").makeRecord(
        "test", logging.INFO, __file__, 1, message, (), None, extra=extra
    )


def test_a_line_is_one_json_object_with_its_facts() -> None:
    line = JsonLines("insight").format(record("segment_built", members=3, title="雙十一\n會員"))
    assert "\n" not in line
    facts = json.loads(line)
    assert facts["event"] == "segment_built"
    assert (facts["service"], facts["level"], facts["members"], facts["title"]) == (
        "insight",
        "info",
        3,
        "雙十一\n會員",
    )


def test_a_line_inside_a_trace_names_it() -> None:
    tracer = TracerProvider().get_tracer("test")
    with tracer.start_as_current_span("work") as span:
        facts = json.loads(JsonLines("insight").format(record("done")))
    assert facts["trace_id"] == f"{span.get_span_context().trace_id:032x}"


def test_an_exception_stays_in_its_line() -> None:
    try:
        raise ValueError("broken")
    except ValueError:
        failed = record("failed")
        failed.exc_info = sys.exc_info()
    facts = json.loads(JsonLines("insight").format(failed))
    assert "ValueError: broken" in facts["exception"]


def test_personal_data_in_the_text_of_an_exception_does_not_reach_the_log() -> None:
    """As PostgreSQL, a URL parser and an SMTP library word it."""
    quoted = (
        'duplicate key value violates unique constraint "identifiers_value"\n'
        "DETAIL:  Key (tenant_id, value)=(1, 王小明) already exists.",
        "cannot send to <wang.xiaoming+shop@example.com.tw>: refused",
        "no route to nats://insight:secret-word@127.0.0.1:4222",
        "cannot call +886 912-345-678",
    )
    for text in quoted:
        try:
            raise ValueError(text)
        except ValueError:
            failed = record("failed", address="who@example.com")
            failed.exc_info = sys.exc_info()
        line = JsonLines("insight").format(failed)
        json.loads(line)
        assert not [word for word in ("王小明", "xiaoming", "secret-word", "345-678", "who@") if word in line]
    assert "cannot call" in line

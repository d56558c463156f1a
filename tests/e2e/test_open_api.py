"""Every endpoint of /openapi.json answers generated requests with what it documents, never with a 5xx."""

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from bench.system import System

EXAMPLES = 12
CHECKS = [not_a_server_error, content_type_conformance, response_schema_conformance, status_code_conformance]
# An answer that never ends.
ENDLESS = "/v1/events/live"

pytestmark = [pytest.mark.filterwarnings("ignore"), pytest.mark.timeout(600)]


def explore(operation: Any, key: str) -> str | None:
    """Send generated requests to one operation; what was wrong, if anything."""

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def exploration(case: Case) -> None:
        response = case.call(headers={"Authorization": f"Bearer {key}"}, timeout=30)
        case.validate_response(response, checks=CHECKS)

    try:
        exploration()
    except (Failure, FailureGroup) as failure:
        return f"{operation.label}: {failure}"
    return None


def test_generated_requests_get_documented_answers(system: System) -> None:
    tenant = system.create_tenant("explored")
    document = schemathesis.openapi.from_url(f"{system.gateway}/openapi.json").exclude(path=ENDLESS)
    operations = [found.ok() for found in document.get_all_operations()]
    assert len(operations) > 20
    problems = [
        explore(operation, system.operator_key if "/operator/" in operation.path else tenant.secret_key)
        for operation in operations
    ]
    assert not any(problems), "\n\n".join(filter(None, problems))

"""Refuses trees that make no sense, with everything that is wrong in one answer."""

import json
from collections.abc import Sequence

from services.insight.domain.segments.tree import Node
from services.insight.domain.segments.validation import Problem, Types, problems_of
from services.insight.errors import SegmentNotValid

# Errors travel in headers, of which a peer takes 8 KB; base64 makes four bytes of three.
_MAX_BYTES = 4000


def require_valid(root: Node, types: Types | None = None) -> None:
    """Raises SegmentNotValid. `types`: of the tenant's own values whose tests shall suit them."""
    problems = problems_of(root, types or Types())
    if problems:
        told = _told(problems)
        raise SegmentNotValid(
            f"{problems[0].detail} {problems[0].fix}",
            problems=json.dumps(told, ensure_ascii=False, separators=(",", ":")),
            problems_left_off=len(problems) - len(told),
        )


def _told(problems: Sequence[Problem]) -> list[dict[str, object]]:
    """As many as fit, at least one."""
    told: list[dict[str, object]] = []
    size = 0
    for problem in problems:
        one: dict[str, object] = {
            "path": list(problem.path),
            "field": problem.field,
            "code": problem.code,
            "detail": problem.detail,
            "fix": problem.fix,
        }
        size += len(json.dumps(one, ensure_ascii=False).encode())
        if told and size > _MAX_BYTES:
            break
        told.append(one)
    return told

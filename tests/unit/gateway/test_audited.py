"""Every operation that changes something writes into the audit log, or is listed here with the reason."""

import ast
import inspect
import textwrap
import typing
from collections.abc import Callable, Iterator
from typing import Any

from services.gateway.domain.permissions import OPERATIONS
from services.gateway.routes import app, partners
from services.gateway.routes.parts import Parts
from services.gateway.witness import Witness

# They write, or describe, an entry.
TELLS = {"did", "tell", "tell_alone", "Entry", "_act"}
# GET routes that change something, or hand out people.
CHANGING_READS = {
    "finish_single_sign_on",
    "get_export_file",
    "get_segment_export_file",
    "download_rejected_rows",
    "download_tried_rows",
}
SILENT = {
    "choose_tenant": "what one's own pages open with",
    "challenge_passkey": "a question, which changes nothing",
    "challenge_new_passkey": "a question; the passkey is told when it is added",
    "begin_authenticator": "in force once it is confirmed, which is told",
    "ask_email_change": "in force once it is confirmed, which is told",
    "rename_passkey": "a label that only its owner sees",
    "open_invitation": "reads",
    "begin_single_sign_on": "a trip; its arrival is told",
    "check_installation": "reads a page of the shop",
    "preview_rules": "reads",
    "preview_segment": "reads",
    "get_state_transitions": "reads",
    "explain_segment": "reads",
    "overlap_segments": "reads",
    "issue_token": "hourly, for what was granted; what is done with it is told",
}
FEWEST = 60
_COMPONENTS = {name: kind for name, kind in typing.get_type_hints(Parts).items() if inspect.isclass(kind)}


def routes() -> Iterator[tuple[str, Callable[..., Any], bool]]:
    """(operation, its function, whether it changes something)."""
    routers = [*(module.router for module in app._MODULES), partners.operators]
    for router in routers:
        for route in router.routes:
            yield route.name, route.endpoint, route.methods != {"GET"}


def tells(function: Callable[..., Any], owner: type | None = None, depth: int = 5) -> bool:
    """Whether a function, or what of the gateway it calls, describes an entry."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    # Not its decorators, whose summaries are no code.
    body: list[ast.stmt] = tree.body[0].body  # type: ignore[attr-defined]
    called = [node.func for part in body for node in ast.walk(part) if isinstance(node, ast.Call)]
    names = {getattr(each, "attr", getattr(each, "id", "")) for each in called}
    if names & TELLS:
        return True
    if not depth:
        return False
    return any(
        tells(found, kind, depth - 1) for each in called for found, kind in resolved(each, function, owner)
    )


def resolved(
    called: ast.expr, function: Callable[..., Any], owner: type | None
) -> Iterator[tuple[Callable[..., Any], type | None]]:
    if isinstance(called, ast.Name):
        found = inspect.unwrap(function).__globals__.get(called.id)
        if inspect.isfunction(found) and found.__module__.startswith("services.gateway"):
            yield found, None
    if isinstance(called, ast.Attribute):
        target = called.value
        kinds: list[type] = []
        if isinstance(target, ast.Attribute) and getattr(target.value, "id", "") == "parts":
            kinds = [_COMPONENTS[target.attr]] if target.attr in _COMPONENTS else []
        elif isinstance(target, ast.Name) and target.id == "self" and owner is not None:
            kinds = [owner]
        elif isinstance(target, ast.Attribute) and getattr(target.value, "id", "") == "self":
            kinds = [Witness] if target.attr == "_witness" else []
        for kind in kinds:
            method = inspect.getattr_static(kind, called.attr, None)
            if inspect.isfunction(method) and kind.__module__.startswith("services.gateway"):
                yield method, kind


def test_every_operation_that_changes_something_tells_the_audit_log() -> None:
    found = {
        name: tells(function) for name, function, changes in routes() if changes or name in CHANGING_READS
    }
    assert set(found) <= set(OPERATIONS)
    assert sorted(name for name, told in found.items() if not told) == sorted(SILENT)
    assert len(found) >= FEWEST

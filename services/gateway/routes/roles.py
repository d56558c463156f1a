"""The page that says who may do what, drawn from the table that the doors ask."""

import html
from collections.abc import Iterator, Mapping
from typing import Any

from services.gateway.domain.permissions import OPERATIONS, ROLES, Access, Permission

_ROLE_WORDS = {
    "owner": "擁有者",
    "admin": "管理者",
    "marketer": "行銷",
    "analyst": "分析",
    "viewer": "檢視者",
}
_OUTSIDE = {
    Access.ANYBODY: "Anybody 不需登入",
    Access.SIGNED_IN: "Any signed-in teammate, about themselves 已登入成員（僅限本人）",
    Access.PARTNER: "A partner, about itself 夥伴（僅限自身）",
    Access.OPERATOR: "Whoever holds the operator key 持有平台金鑰者",
    Access.OPERATOR_IN_PERSON: "Operators, signed in with a second factor 以第二因素登入的平台人員",
}


def roles_html(document: Mapping[str, Any]) -> str:
    """Every operation of the API's document, by who may."""
    operations = list(_operations(document))
    heads = "".join(f"<th scope=col>{role}<br>{_ROLE_WORDS[role]}</th>" for role in ROLES)
    inside = [_row(line, OPERATIONS[line[0]]) for line in operations if _is_tenants(line[0])]
    parts = [
        "<h2>In a tenant 商店內</h2><div class=scroll-x><table><thead><tr><th scope=col>Operation 操作</th>",
        f"{heads}<th scope=col>Key's scope<br>金鑰權限</th>",
        "<th scope=col>Operator acting<br>代為操作</th></tr></thead>",
        f"<tbody>{''.join(inside)}</tbody></table></div>",
    ]
    for access, words in _OUTSIDE.items():
        lines = [_cell(line) for line in operations if OPERATIONS[line[0]] is access]
        if lines:
            parts.append(f"<h2>{words}</h2><div class=scroll-x><table><tbody>")
            parts += [f"<tr>{line}</tr>" for line in lines]
            parts.append("</tbody></table></div>")
    return "".join(parts)


def _operations(document: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """(operation, method and path, summary) of what the table lists."""
    for path, methods in document["paths"].items():
        for method, told in methods.items():
            if told.get("operationId") in OPERATIONS:
                yield told["operationId"], f"{method.upper()} {path}", told.get("summary", "")


def _is_tenants(operation: str) -> bool:
    return isinstance(OPERATIONS[operation], Permission)


def _row(line: tuple[str, str, str], permission: Permission | Access) -> str:
    assert isinstance(permission, Permission)
    cells = "".join(f"<td>{_mark(role in permission.roles)}</td>" for role in ROLES)
    scope = f"<code>{permission.scope}</code>" if permission.scope else "–"
    return f"<tr>{_cell(line)}{cells}<td>{scope}</td><td>{_mark(permission.acting)}</td></tr>"


def _cell(line: tuple[str, str, str]) -> str:
    operation, place, summary = line
    return (
        f'<td id="{html.escape(operation)}">{html.escape(summary)}<br><code>{html.escape(place)}</code></td>'
    )


def _mark(allowed: bool) -> str:
    return "✓" if allowed else "–"

"""Puts the tenant into every table of a ClickHouse query, and refuses a query that reads one without it.

The text is read token by token, so that strings, comments, sub-selects, commas and aliases fool nobody;
what cannot be told for certain is refused.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

_TOKEN = re.compile(
    r"""
      (?P<space>\s+ | --[^\n]* | /\*.*?\*/ )
    | (?P<string>'(?:[^'\\]|\\.|'')*' )
    | (?P<table>\{\{(?P<name>\w+)\}\} )
    | (?P<value>\{(?P<bound>\w+)\s*:[^{}]*\} )
    | (?P<word>[^\W\d]\w* | "(?:[^"\\]|\\.)*" | `(?:[^`\\]|\\.)*` )
    | (?P<number>\d[\w]* )
    | (?P<sign>[^\s\w] )
    """,
    re.VERBOSE | re.DOTALL,
)
_TABLE_FUNCTIONS = frozenset({"numbers"})
# These read a table that no FROM names.
_READING_FUNCTION = re.compile(r"(dict(get|has|isin)|joinget)\w*$", re.IGNORECASE)
_AFTER_FROM = frozenset(
    {"WHERE", "PREWHERE", "GROUP", "HAVING", "QUALIFY", "WINDOW"}
    | {"ORDER", "LIMIT", "OFFSET", "FETCH", "SETTINGS", "FORMAT"}
)
_BETWEEN_SELECTS = frozenset({"UNION", "INTERSECT", "EXCEPT"})


class UnscopedQuery(Exception):
    """A query reads a table without its tenant; a bug in our code."""


class _Token(NamedTuple):
    kind: str
    text: str
    name: str

    @property
    def upper(self) -> str:
        return self.text.upper() if self.kind in ("word", "sign") else ""


@dataclass(slots=True)
class _Frame:
    """What is known between two parentheses."""

    named: str | None = None  # the common table expression this frame is the body of
    select: bool = False
    tables: bool = False  # inside the list after FROM
    arrays: bool = False  # inside ARRAY JOIN
    with_names: bool = False
    names: set[str] = field(default_factory=set)


def scope(sql: str, conditions: Mapping[str, str] | None = None) -> str:
    """The query with `{{table}}` as that table's rows of `{tenant_id:UUID}`. Raises UnscopedQuery.

    `conditions`: table → what else its rows must fulfil, in SQL that itself may read tables as `{{table}}`.
    """
    tokens = list(_tokens(sql))
    _Check([token for token in tokens if token.kind != "space"]).run()
    out: list[str] = []
    for token in tokens:
        out.append(_rows(token.name, conditions or {}) if token.kind == "table" else token.text)
    return "".join(out)


def _rows(table: str, conditions: Mapping[str, str]) -> str:
    condition = f" and {scope(conditions[table])}" if table in conditions else ""
    return f"(select * from {table} where tenant_id = {{tenant_id:UUID}}{condition})"  # noqa: S608


def statements(script: str) -> list[str]:
    """The statements of a script, split at semicolons that stand for themselves."""
    found, current, empty = [], "", True
    for token in _tokens(script):
        if token.text == ";":
            found += [] if empty else [current.strip()]
            current, empty = "", True
        else:
            current += token.text
            empty = empty and token.kind == "space"
    return found if empty else [*found, current.strip()]


def _tokens(sql: str) -> Iterator[_Token]:
    at = 0
    while at < len(sql):
        match = _TOKEN.match(sql, at)
        if match is None or match["sign"] in ("'", '"', "`") or match["sign"] == "#":
            raise UnscopedQuery(f"cannot read the query at {sql[at : at + 30]!r}")
        kind = next(
            name for name in ("space", "string", "table", "value", "word", "number", "sign") if match[name]
        )
        yield _Token(kind, match[0], match["name"] or match["bound"] or "")
        at = match.end()


class _Check:
    """Walks over a query and looks at each place where ClickHouse expects a table."""

    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._frames = [_Frame()]
        self._expected = False

    def run(self) -> None:
        for index, token in enumerate(self._tokens):
            if token.kind == "value" and token.name == "tenant_id":
                raise UnscopedQuery("the tenant is bound by the builder")
            if token.upper == "(":
                self._open(index)
            elif token.upper == ")":
                self._close()
            elif self._expected:
                self._take_table(index)
            else:
                self._take(index)

    def _at(self, index: int) -> _Token:
        return self._tokens[index] if 0 <= index < len(self._tokens) else _Token("", "", "")

    def _open(self, index: int) -> None:
        frame = self._frames[-1]
        inner = _Frame()
        if frame.with_names and self._at(index - 1).upper in ("AS", "MATERIALIZED"):
            before = index - 2
            while self._at(before).upper in ("AS", "NOT", "MATERIALIZED"):
                before -= 1
            inner.named = self._at(before).text if self._at(before).kind == "word" else None
        begins = self._at(index + 1).upper
        if self._expected and begins not in ("SELECT", "WITH"):
            inner.tables = True  # joined tables in parentheses: the next token is a table
        else:
            self._expected = False
        self._frames.append(inner)

    def _close(self) -> None:
        if self._expected or len(self._frames) == 1:
            raise UnscopedQuery("a parenthesis closes where a table should be")
        closed = self._frames.pop()
        # Visible from here on only: its own body still means the table of that name.
        if closed.named is not None and closed.select:
            self._frames[-1].names.add(closed.named)

    def _take_table(self, index: int) -> None:
        token = self._at(index)
        self._expected = False
        if token.kind == "table":
            return
        if token.kind != "word" or not self._is_known(index):
            raise UnscopedQuery(f"write {{{{{token.text}}}}} instead of {token.text}")

    def _is_known(self, index: int) -> bool:
        token, after = self._at(index), self._at(index + 1)
        if after.text == "(":
            return token.text.lower() in _TABLE_FUNCTIONS
        return after.text != "." and any(token.text in frame.names for frame in self._frames)

    def _take(self, index: int) -> None:
        frame, token, before = self._frames[-1], self._at(index), self._at(index - 1)
        match token.upper:
            case "FROM" if self._begins_tables(index):
                frame.tables, frame.arrays, self._expected = True, False, True
            case "JOIN" if before.upper == "ARRAY":
                frame.arrays = True
            case "JOIN":
                frame.tables, frame.arrays, self._expected = True, False, True
            case "," if frame.tables and not frame.arrays:
                self._expected = True
            case "WITH" if not frame.tables:  # not WITH FILL, WITH TOTALS, WITH TIES
                frame.with_names = True
            case "SELECT":
                frame.select, frame.with_names, frame.tables = True, False, False
            case upper if upper in _BETWEEN_SELECTS and before.text != "*":
                frame.select = frame.tables = False
            case upper if upper in _AFTER_FROM:
                frame.tables = False
            case "IN":
                self._check_in(index + 1)
            case _ if token.kind == "word" and self._at(index + 1).text == "(":
                if _READING_FUNCTION.match(token.text):
                    raise UnscopedQuery(f"{token.text} reads rows of every tenant")

    def _begins_tables(self, index: int) -> bool:
        """Whether this FROM is a clause: not that of `is distinct from` or of `extract(year from t)`."""
        if self._at(index - 1).upper == "DISTINCT":
            return False
        return self._frames[-1].select or self._at(index - 1).text in ("", "(")

    def _check_in(self, index: int) -> None:
        """`x in name` and `x in (name)` read the table of that name."""
        if self._at(index).text == "(" and self._at(index + 2).text == ")":
            index += 1
        token, after = self._at(index), self._at(index + 1)
        if token.kind != "word" or (token.upper in ("TUPLE", "ARRAY") and after.text == "("):
            return
        if after.text == "(" or not self._is_known(index):
            raise UnscopedQuery(f"write `in (select …)` or has(…) instead of in {token.text}")

"""Which statements a user may run: own database only, no files, no network, no other processes.

The text is split as ClickHouse's own lexer splits it, so that nothing hides in a string or a comment;
what this lexer does not know for certain is refused.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from engines.clickhouse.allowed import (
    CREATE_KINDS,
    ENGINES,
    FORBIDDEN_FUNCTIONS,
    FORBIDDEN_PAIRS,
    FORBIDDEN_WORDS,
    HEADS,
    READ_HEADS,
    SETTINGS,
    SYSTEM_ACTIONS,
    SYSTEM_TABLES,
    TABLE_SETTINGS,
)

ACCESS_DENIED, SYNTAX_ERROR = 497, 62

Kind = Literal["word", "quoted", "string", "number", "parameter", "sign"]

_TOKEN = re.compile(
    r"""
      (?P<space>\s+ | --[^\n]* | \#[ !][^\n]* | /\*(?:(?!/\*|\*/).)*\*/ )
    | (?P<string>'(?:[^'\\]|\\.|'')*' | [xXbB]'[0-9a-fA-F]*' | \$(?P<tag>\w*)\$.*?\$(?P=tag)\$ )
    | (?P<quoted>"(?:[^"\\]|\\.|"")*" | `(?:[^`\\]|\\.|``)*` )
    | (?P<parameter>\{\s*(?P<name>[A-Za-z_]\w*)\s*:\s*(?P<type>[^{}]*?)\s*\} )
    | (?P<word>[A-Za-z_][A-Za-z0-9_$]* )
    | (?P<number>[0-9][0-9A-Za-z_]* )
    | (?P<sign>[-()\[\]{},.;+*/%=<>!|:?^&~@] )
    """,
    re.VERBOSE | re.DOTALL | re.ASCII,
)
_UNESCAPE = re.compile(r"\\(.)|(['\"`])\2", re.DOTALL)
_NAMED_OBJECT = re.compile(r"dict(get|has|isin)|joinget|hascolumnintable", re.IGNORECASE)


class Refused(Exception):
    """The statement is not one this endpoint runs; `code` is ClickHouse's error code."""

    def __init__(self, text: str, code: int = ACCESS_DENIED) -> None:
        super().__init__(text)
        self.code = code


class Token(NamedTuple):
    kind: Kind
    text: str
    end: int

    @property
    def upper(self) -> str:
        """The keyword this may be; a quoted name never is one."""
        return self.text.upper() if self.kind == "word" else self.text if self.kind == "sign" else ""

    @property
    def is_name(self) -> bool:
        return self.kind in ("word", "quoted")


_END = Token("sign", "", 0)


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement that may run. `data_at`: where an insert's data begin, None when it has none."""

    head: str
    format: str | None
    data_at: int | None
    insert_sql: str | None

    @property
    def reads(self) -> bool:
        return self.head in READ_HEADS

    @property
    def streams(self) -> bool:
        """Whether the engine can hand its answer out in blocks."""
        return self.head in ("SELECT", "WITH", "(")


def tokens(sql: str, *, parameters: Mapping[str, str] | None = None, stop: bool = False) -> list[Token]:
    """The statement's tokens; `stop` ends after an insert's FORMAT, where data begin."""
    found: list[Token] = []
    at = depth = 0
    while at < len(sql):
        match = _TOKEN.match(sql, at)
        if match is None or _ambiguous(match, sql):
            text = f"Syntax error: cannot read the statement at position {at}: {sql[at : at + 40]!r}"
            raise Refused(text, SYNTAX_ERROR)
        at = match.end()
        if match["space"] is not None:
            continue
        token = _token(match, parameters or {})
        depth += (token.upper == "(") - (token.upper == ")")
        found.append(token)
        if stop and depth == 0 and len(found) > 1:
            if token.upper in ("SELECT", "WITH", "VALUES", "FROM"):
                stop = False
            elif found[-2].upper == "FORMAT" and token.kind == "word":
                break
    return found


def _ambiguous(match: re.Match[str], sql: str) -> bool:
    """Whether ClickHouse may read this otherwise: `//` begins a comment, x'…' has no escapes."""
    if match["word"] in ("x", "X", "b", "B"):
        return sql.startswith("'", match.end())
    return match["sign"] == "/" and sql.startswith("/", match.end())


def _token(match: re.Match[str], parameters: Mapping[str, str]) -> Token:
    kind: Kind = match.lastgroup  # type: ignore[assignment]
    for kind in ("string", "quoted", "parameter", "word", "number", "sign"):
        if match[kind] is not None:
            break
    text = match[kind]
    if kind == "quoted" or (kind == "string" and text.startswith("'")):
        text = _unescaped(text)
    elif kind == "parameter" and match["type"] == "Identifier":
        # The engine puts a name here, so it is judged as that name.
        return Token("quoted", parameters.get(match["name"], ""), match.end())
    return Token(kind, text, match.end())


def _unescaped(quoted: str) -> str:
    return _UNESCAPE.sub(lambda match: match[1] or match[2], quoted[1:-1])


def admit(
    sql: str,
    database: str,
    foreign_databases: frozenset[str],
    parameters: Mapping[str, str] | None = None,
) -> Statement:
    """The statement, if a user of `database` may run it. Raises Refused."""
    insert = re.match(r"[\s(]*insert\b", sql, re.IGNORECASE) is not None
    found = tokens(sql, parameters=parameters, stop=insert)
    while found and found[-1].text == ";" and not insert:
        found.pop()
    if not found:
        raise Refused("Syntax error: empty query", SYNTAX_ERROR)
    head = found[0].upper
    if head not in HEADS:
        raise Refused(f"{found[0].text} statements are not allowed here")
    _Check(found, database, foreign_databases).run()
    return _statement(head, found, sql)


def _statement(head: str, found: Sequence[Token], sql: str) -> Statement:
    depth, format_at = 0, None
    for at, token in enumerate(found[:-1]):
        depth += (token.upper == "(") - (token.upper == ")")
        if depth == 0 and token.upper == "FORMAT" and found[at + 1].kind == "word":
            format_at = at
    format_name = found[format_at + 1].text if format_at is not None else None
    if head != "INSERT" or format_at is None or format_at + 2 != len(found):
        return Statement(head, format_name, None, None)
    if any(token.upper in ("SELECT", "VALUES") for token in found):
        return Statement(head, format_name, None, None)
    before = found[format_at - 1]
    return Statement(head, format_name, found[-1].end, sql[: before.end])


class _Check:
    """Judges one statement, token by token."""

    def __init__(self, found: Sequence[Token], database: str, foreign_databases: frozenset[str]) -> None:
        self._tokens = found
        self._database = database
        self._foreign = foreign_databases
        self._head = found[0].upper

    def _at(self, index: int) -> Token:
        return self._tokens[index] if 0 <= index < len(self._tokens) else _END

    def run(self) -> None:
        self._check_kind()
        depth = 0
        for index, token in enumerate(self._tokens):
            depth += (token.upper == "(") - (token.upper == ")")
            if token.text == ";" and token.kind == "sign":
                raise Refused("Multi-statements are not allowed")
            pair = (token.upper, self._at(index + 1).upper)
            if pair in FORBIDDEN_PAIRS:
                raise Refused(f"{' '.join(pair)} is not allowed here")
            if token.upper in FORBIDDEN_WORDS.get(self._head, ()):
                raise Refused(f"{self._head} … {token.upper} is not allowed here")
            if token.is_name:
                self._check_name(index, token)
            if token.upper in ("SETTINGS", "SETTING"):
                self._check_settings(index + 1)
            if token.upper == "DATABASE":
                self._check_database(index + 1)
            if self._head == "CREATE" and depth == 0 and token.upper == "ENGINE":
                self._check_engine(index + 1)
            if token.upper == "SOURCE" and self._at(index + 1).text == "(":
                self._check_source(index + 2)

    def _check_kind(self) -> None:
        words = [token.upper for token in self._tokens[1:4]]
        if self._head == "CREATE":
            kind = next((word for word in words if word not in ("OR", "REPLACE")), "")
            if kind not in CREATE_KINDS:
                raise Refused(f"CREATE {kind} is not allowed here")
        if self._head == "SYSTEM" and words[0] not in SYSTEM_ACTIONS:
            raise Refused(f"SYSTEM {words[0]} is not allowed here")
        if self._head == "DROP" and words[0] not in CREATE_KINDS - {"DATABASE"}:
            raise Refused(f"DROP {words[0]} is not allowed here")

    def _check_name(self, index: int, token: Token) -> None:
        before, after = self._at(index - 1), self._at(index + 1)
        if after.text == "(" and after.kind == "sign":
            self._check_function(index, token.text)
        if after.text == "." and after.kind == "sign" and before.text != ".":
            self._check_qualifier(token.text, self._at(index + 2).text)
        elif before.upper in ("FROM", "IN") and self._head == "SHOW":
            self._refuse_foreign(token.text)

    def _check_qualifier(self, qualifier: str, name: str) -> None:
        self._refuse_foreign(qualifier)
        if qualifier == "system" and name not in SYSTEM_TABLES:
            raise Refused(f"system.{name} is not readable here")

    def _refuse_foreign(self, database: str) -> None:
        if database in self._foreign:
            raise Refused(f"Not enough privileges for database {database}")

    def _check_function(self, index: int, name: str) -> None:
        lower = name.lower()
        if lower in FORBIDDEN_FUNCTIONS or lower.startswith("ai"):
            raise Refused(f"Function {name} is not allowed here")
        if _NAMED_OBJECT.match(lower):
            argument, after = self._at(index + 2), self._at(index + 3)
            if argument.kind == "string" and after.text == ",":
                qualifier, dot, _ = argument.text.partition(".")
                if lower.startswith("hascolumnintable"):
                    qualifier, dot = argument.text, "."
                if dot and qualifier != self._database:
                    raise Refused(f"Not enough privileges for {argument.text}")
            elif not (argument.is_name and after.text in (",", ".")):
                raise Refused(f"{name} needs its object's name written out")

    def _check_settings(self, index: int) -> None:
        index += self._at(index).text == "("
        while self._at(index).is_name and self._at(index + 1).text == "=":
            name = self._at(index).text
            if name not in SETTINGS and name not in TABLE_SETTINGS:
                raise Refused(f"Setting {name} should not be changed")
            index = self._after_comma(index + 2)

    def _after_comma(self, index: int) -> int:
        depth = 0
        while index < len(self._tokens):
            text = self._tokens[index].upper
            depth += (text in ("(", "[", "{")) - (text in (")", "]", "}"))
            index += 1
            if text == "," and depth <= 0:
                break
        return index

    def _check_database(self, index: int) -> None:
        if self._head not in ("CREATE", "DROP", "EXISTS", "SHOW", "TRUNCATE", "ALTER", "RENAME"):
            return
        while self._at(index).upper in ("IF", "NOT", "EXISTS"):
            index += 1
        if self._at(index).is_name and self._at(index).text != self._database:
            raise Refused(f"Not enough privileges for database {self._at(index).text}")

    def _check_engine(self, index: int) -> None:
        index += self._at(index).text == "="
        engine = self._at(index)
        if engine.is_name and engine.text not in ENGINES and not engine.text.endswith("MergeTree"):
            raise Refused(f"Engine {engine.text} is not allowed here")

    def _check_source(self, index: int) -> None:
        if self._at(index).upper != "CLICKHOUSE":
            raise Refused("A dictionary's source must be CLICKHOUSE")
        depth, index = 0, index + 1
        while index < len(self._tokens):
            token = self._at(index)
            depth += (token.upper == "(") - (token.upper == ")")
            if depth < 1:
                return
            if token.kind == "word" and token.upper not in ("TABLE", "DB"):
                raise Refused(f"A dictionary's source cannot have {token.text}")
            if self._at(index - 1).upper == "DB" and token.text != self._database:
                raise Refused(f"Not enough privileges for database {token.text}")
            index += 1

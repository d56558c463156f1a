"""Where code goes, what it is called, how long it is, and what it may import."""

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PRODUCT = ["chassis", "services", "engines", "demo", "bench", "tools"]
EVERYWHERE = [*PRODUCT, "tests"]
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "base", "manager"}
MOST_LINES = 420
MOST_FUNCTION_LINES = 70
SERVICES = ["campaign", "gateway", "identity", "insight", "recommender"]
# Tables that are no tenant's (test_databases.py says why), so that SQL on them names none.
NOBODYS = {"positions", "command_queue", "erasure_queue", "job_queue", "duty_queue", "teammates", "operators"}
NOBODYS |= {"sessions", "requests", "pg_stat_activity", "live_queue"}
# Files of a store whose SQL reads across tenants, and why.
ACROSS_TENANTS = {
    "services/gateway/store/deletions.py": "a teammate goes when no tenant is left to them, whichever it was",
    "services/insight/store/erasures.py": "cleaning of table files is done for all tenants at once",
    "services/insight/store/events.py": "read-back and watermark: places in a stream, which are nobody's",
    "services/insight/store/queries/facts_touched.py": "whether table files were rewritten; nobody's",
}
_STATEMENT = re.compile(
    r"\bselect\b.*?\bfrom\s+([a-z_]+)|\binsert into\s+([a-z_]+)|"
    r"\bupdate\s+([a-z_]+)\s+set|\bdelete from\s+([a-z_]+)",
    re.IGNORECASE | re.DOTALL,
)


def modules(folders: list[str]) -> Iterator[Path]:
    for folder in folders:
        yield from (
            path for path in sorted((ROOT / folder).rglob("*.py")) if "node_modules" not in path.parts
        )


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def offenders(found: Iterator[str]) -> list[str]:
    return sorted(found)


def test_services_meet_only_where_they_may() -> None:
    """The contracts of [tool.importlinter] are kept."""
    program = Path(sys.executable).parent / "lint-imports"
    environment = os.environ | {"PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'proto/gen'}"}
    done = subprocess.run(
        [program, "--no-cache"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-3000:]


def test_no_module_is_named_for_nothing() -> None:
    assert not offenders(name_of(path) for path in modules(EVERYWHERE) if path.stem in FORBIDDEN_NAMES)


def test_no_module_is_too_long() -> None:
    assert not offenders(
        f"{name_of(path)}: {lines}"
        for path in modules(EVERYWHERE)
        if (lines := len(path.read_text("utf-8").splitlines())) > MOST_LINES
    )


def test_no_function_is_too_long() -> None:
    def too_long() -> Iterator[str]:
        for path in modules(PRODUCT):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                    lines = (node.end_lineno or 0) - node.lineno + 1
                    if lines > MOST_FUNCTION_LINES:
                        yield f"{name_of(path)}:{node.name}: {lines}"

    assert not offenders(too_long())


def test_every_module_opens_with_a_sentence() -> None:
    def silent() -> Iterator[str]:
        for path in modules(EVERYWHERE):
            text = path.read_text("utf-8")
            if not text.strip() and path.name == "__init__.py":
                continue
            opening = (ast.get_docstring(ast.parse(text)) or "").split("\n\n")[0].strip()
            if not opening.endswith((".", ":")):
                yield name_of(path)

    assert not offenders(silent())


def forgetful_sql() -> Iterator[tuple[str, str]]:
    """(file, statement) that touches a tenant's table and neither names tenant_id nor uses the builder."""
    for path in modules([f"services/{service}" for service in SERVICES]):
        if "store" not in path.parts and path.stem != "store":
            continue
        for text in strings_of(ast.parse(path.read_text("utf-8"))):
            tables = {name for match in _STATEMENT.finditer(text) for name in match.groups() if name}
            if tables - NOBODYS and "tenant_id" not in text and "{{" not in text:
                yield name_of(path), text


def strings_of(tree: ast.AST) -> Iterator[str]:
    """Every string of a module, an f-string with its fields left out."""
    inside = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    documentation = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    skipped = inside | documentation
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "x" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in skipped:
            yield node.value


def test_handwritten_sql_names_its_tenant() -> None:
    assert [found for found in forgetful_sql() if found[0] not in ACROSS_TENANTS] == []


def test_the_list_of_sql_across_tenants_has_no_dead_entries() -> None:
    assert set(ACROSS_TENANTS) == {name for name, _ in forgetful_sql()} & set(ACROSS_TENANTS)


@pytest.mark.parametrize("folder", ["services", "proto/contracts", "proto/gen/contracts"])
def test_the_five_services_are_the_same_everywhere(folder: str) -> None:
    found = {path.name for path in (ROOT / folder).iterdir() if path.is_dir() and path.name[0] not in "._"}
    assert found == set(SERVICES)


def test_the_runner_knows_every_service() -> None:
    from services.__main__ import SERVICES as started

    assert sorted(started) == SERVICES


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_has_its_parts(service: str) -> None:
    folder = ROOT / "services" / service
    parts = ["README.md", "main.py", "settings.py", "migrations/env.py"]
    # A long file becomes a folder.
    parts.append("errors.py" if (folder / "errors.py").exists() else "errors/__init__.py")
    assert [part for part in parts if not (folder / part).exists()] == []


def test_the_chassis_readme_names_every_module() -> None:
    readme = (ROOT / "chassis/README.md").read_text("utf-8")
    names = [path.name for path in (ROOT / "chassis").glob("*.py") if path.stem != "__init__"]
    assert [name for name in sorted(names) if f"`{name}`" not in readme] == []


def test_no_question_of_insight_can_forget_the_erased() -> None:
    """Every ClickHouse table with a nid or profile is one of question.py's; nothing else makes queries."""
    from services.insight.store.question import OF_PEOPLE, person_column, question

    folder = ROOT / "services/insight"
    scripts = "\n".join(
        path.read_text("utf-8") for path in sorted((folder / "migrations/clickhouse").glob("*.sql"))
    )
    tables = re.findall(r"create table if not exists (\w+)\s*\((.*?)\n\)\nengine", scripts, re.DOTALL)
    of_people = re.compile(r"^\s*(nid|profile_id) ", re.MULTILINE)
    # The progress of the backfill names the last event it read, and ends empty of people.
    of_others = {"erased_nids", "detail_backfills"}
    assert {name for name, columns in tables if of_people.search(columns)} - of_others == set(OF_PEOPLE)
    for table in OF_PEOPLE:
        scoped = question(f"select count() from {{{{{table}}}}}").scoped
        outside = (
            f"{person_column(table)} not in (select nid from (select * from erased_nids where tenant_id ="
        )
        assert outside in scoped
    users = [name_of(path) for path in modules(["services/insight"]) if makes_queries(path)]
    assert users == ["services/insight/store/question.py"]


def makes_queries(path: Path) -> bool:
    """Whether a module uses the chassis' own Query."""
    tree = ast.parse(path.read_text("utf-8"))
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    names |= {
        alias.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names
    }
    names |= {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    return "Query" in names

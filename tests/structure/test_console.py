"""The console fits the open API as it is now, its pure parts are right, and it is in the house's style."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ROOT / "console/src"
PROGRAMS = ROOT / "node_modules/.bin"
# The API's client is generated.
GENERATED = SOURCES / "api/schema.d.ts"
MOST_LINES = 420


def run(*command: str | Path) -> str:
    done = subprocess.run(
        [str(part) for part in command], cwd=ROOT, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]
    return done.stdout


def test_the_console_fits_the_open_api_as_it_is_now(tmp_path: Path) -> None:
    """Its client is made anew from the document, so that no types of yesterday can hide a change."""
    document = tmp_path / "openapi.json"
    run(sys.executable, "tools/openapi.py", document)
    run(PROGRAMS / "openapi-typescript", document, "--default-non-nullable=false", "-o", GENERATED)
    run(PROGRAMS / "tsc", "-p", "console")


def test_its_pure_parts_do_what_they_say() -> None:
    run(PROGRAMS / "vitest", "run", "--root", "console")


def sources() -> Iterator[Path]:
    yield from (path for path in sorted(SOURCES.rglob("*.ts*")) if path != GENERATED)


@pytest.mark.parametrize("path", list(sources()), ids=lambda path: path.relative_to(SOURCES).as_posix())
def test_every_file_is_in_the_house_style(path: Path) -> None:
    text = path.read_text("utf-8")
    assert text.startswith("/** "), "it opens with what it is for"
    assert "export default" not in text, "exports are named"
    assert len(text.splitlines()) <= MOST_LINES
    assert not re.search(r"[:<] any\b|as any\b|<any>|ts-ignore", text), "types are told"
    for folder in path.relative_to(SOURCES).parts[:-1]:
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", folder), "folders are kebab-case"
    if path.suffix == ".tsx" and path.name not in {"main.tsx", "outside.tsx", "router.tsx"}:
        assert re.fullmatch(r"[A-Z]\w+\.tsx|use[A-Z]\w+\.tsx", path.name), "components are PascalCase"

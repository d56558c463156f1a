"""What is checked in runs anywhere: no machine's paths, no registry's host, every dependency pinned."""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
_TEXT = {
    ".py",
    ".toml",
    ".md",
    ".json",
    ".yaml",
    ".yml",
    ".sh",
    ".js",
    ".ts",
    ".tsx",
    ".html",
    ".css",
    ".sql",
}
_NAMED = {"Makefile", "run", ".npmrc", "Dockerfile", ".gitignore", "requirements.lock"}
# Written in pieces so that this file passes its own test.
_MACHINE_PATHS = re.compile("(?<![\\w.}$~])/(?:" + "|".join(["work", "root", "home/[a-z]"]) + ")/")
_REGISTRIES = re.compile(
    "|".join(
        [
            "py" + "pi\\.org",
            "python" + "hosted",
            "registry\\." + "npm",
            "(?<!no-emit-)index" + "-url",
            "npm" + "mirror",
        ]
    )
)


def tracked() -> list[Path]:
    """Text files that are checked in, or would be."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    paths = [ROOT / name for name in listed]
    return [path for path in paths if path.is_file() and (path.suffix in _TEXT or path.name in _NAMED)]


def lines_with(pattern: re.Pattern[str]) -> Iterator[str]:
    for path in tracked():
        if path.stat().st_size > 2_000_000:
            continue
        for number, line in enumerate(path.read_text("utf-8", "replace").splitlines(), 1):
            if pattern.search(line):
                yield f"{path.relative_to(ROOT)}:{number}: {line.strip()[:120]}"


def test_no_file_names_a_place_on_somebodys_machine() -> None:
    assert not list(lines_with(_MACHINE_PATHS))


def test_no_file_names_a_registry() -> None:
    assert not list(lines_with(_REGISTRIES))


def test_python_dependencies_are_pinned_with_hashes() -> None:
    text = (ROOT / "requirements.lock").read_text("utf-8")
    assert "://" not in text and "file:" not in text
    entries = [line for line in text.replace("\\\n", " ").splitlines() if line and line[0].isalnum()]
    assert len(entries) > 50
    assert [entry[:60] for entry in entries if "==" not in entry or "--hash=sha256:" not in entry] == []


def test_every_direct_dependency_names_one_version() -> None:
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    listed = re.findall(r'^  "([A-Za-z0-9_.\[\]-]+)([=<>~!]*)([^"]*)",$', text, re.MULTILINE)
    locked = (ROOT / "requirements.lock").read_text("utf-8").lower()
    dependencies = [(name, sign, version) for name, sign, version in listed if sign]
    assert len(dependencies) > 30
    for name, sign, version in dependencies:
        assert sign == "==", name
        bare = name.lower().replace("_", "-").partition("[")[0]
        assert f"\n{bare}=={version}" in f"\n{locked}", f"{name}: make lock"


def test_node_dependencies_are_pinned_with_hashes_and_no_host() -> None:
    lock = json.loads((ROOT / "package-lock.json").read_text("utf-8"))
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert packages
    assert [name for name, entry in packages.items() if "integrity" not in entry or "resolved" in entry] == []


def test_every_decision_is_indexed() -> None:
    folder = ROOT / "docs/adr"
    index = (folder / "README.md").read_text("utf-8")
    records = sorted(path for path in folder.glob("*.md") if path.name != "README.md")
    assert [path.name for path in records if path.name not in index] == []
    assert [int(path.name[:4]) for path in records] == list(range(1, len(records) + 1))


@pytest.mark.parametrize("section", ["Context", "Decision", "Consequences", "Alternatives"])
def test_every_decision_has_its_sections(section: str) -> None:
    records = [path for path in (ROOT / "docs/adr").glob("0*.md")]
    assert [path.name for path in records if section.lower() not in path.read_text("utf-8").lower()] == []


def test_every_released_version_has_a_fixture_of_its_schema() -> None:
    """0.1 is the first; its databases are those that an upgrade must open (tests/service/releases)."""
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
    released = {"0.1", *re.findall(r"^## \[(\d+\.\d+)[^\]]*\]", changelog, re.MULTILINE)}
    fixtures = ROOT / "tests/fixtures/releases"
    for version in sorted(released):
        files = {path.name for path in (fixtures / version).iterdir()}
        services = {"campaign", "gateway", "identity", "insight", "recommender"}
        assert files >= {f"{service}.sql" for service in services} | {"insight.clickhouse.sql"}, version
    size = sum(path.stat().st_size for path in fixtures.rglob("*") if path.is_file())
    assert size < 1_000_000 * len(released)

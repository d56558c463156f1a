"""The snippet is as small as was promised, is typed, and is in the house's style."""

import base64
import gzip
import hashlib
import json
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "snippet"
SOURCES = sorted((FOLDER / "src").glob("*.ts"))
MOST_LINES = 400
MOST_TRACKING_BYTES = 3_500
MOST_STUB_BYTES = 300


def run(*command: str | Path) -> None:
    done = subprocess.run(
        [str(part) for part in command], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]


def test_its_types_are_right() -> None:
    run(ROOT / "node_modules/.bin/tsc", "-p", "snippet")


def test_the_built_files_are_small_and_are_what_their_description_says() -> None:
    run("make", "--no-print-directory", "snippet/dist/.ready")
    about = json.loads((FOLDER / "dist/v1.json").read_text("utf-8"))
    content = (FOLDER / "dist/v1.js").read_bytes()
    assert (FOLDER / "dist" / Path(about["pinned"]).name).read_bytes() == content
    told = base64.b64encode(hashlib.sha384(content).digest()).decode()
    assert about["integrity"] == f"sha384-{told}"
    assert len(gzip.compress(content, 9)) <= MOST_TRACKING_BYTES
    assert len(gzip.compress(about["stub"].encode(), 9)) <= MOST_STUB_BYTES


def test_a_released_file_is_never_changed() -> None:
    """Pages name it with its integrity; its name begins to lie when it changes."""
    for path in (FOLDER / "released").glob("*.js"):
        assert path.stem.rpartition("-")[2] == hashlib.sha256(path.read_bytes()).hexdigest()[:8], path.name


def test_it_depends_on_nothing_and_makes_no_code_of_text() -> None:
    text = "\n".join(path.read_text("utf-8") for path in SOURCES)
    assert set(re.findall(r"from '([^']+)'", text)) <= {f"./{path.stem}" for path in SOURCES}
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function|\.src =", text
    )


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_every_file_is_in_the_house_style(path: Path) -> None:
    text = path.read_text("utf-8")
    assert text.startswith("/** "), "it opens with what it is for"
    assert "export default" not in text, "exports are named"
    assert len(text.splitlines()) <= MOST_LINES
    assert not re.search(r"[:<] any\b|as any\b|<any>|ts-ignore", text), "types are told"

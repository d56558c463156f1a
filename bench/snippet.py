"""How much of a visitor's line the snippet takes, compressed."""

import json
import subprocess

from bench.figures import Figures
from bench.system import ROOT


def measure_snippet(figures: Figures) -> bool:
    """Sizes of the built files; false when one is larger than was promised, which the build refuses."""
    built = subprocess.run(["node", "snippet/build.mjs"], cwd=ROOT, check=False)
    about = json.loads((ROOT / "snippet/dist/v1.json").read_text("utf-8"))
    for name in ("tracking_gzip_bytes", "stub_gzip_bytes"):
        figures.add(f"snippet.{name}", about[name], "bytes")
    return built.returncode == 0

"""Prints figures, and appends them to bench/RESULTS.md when a `make bench*` target says so."""

import os
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

RESULTS = Path(__file__).parent / "RESULTS.md"


@dataclass(slots=True)
class Figures:
    """The figures of one run."""

    record: bool
    lines: list[str] = field(default_factory=list)

    def add(self, name: str, value: float, unit: str) -> None:
        """Print one figure at once, so that an interrupted run still shows what it measured."""
        shown = f"{value:,.0f}".replace(",", "") if abs(value) >= 1000 else f"{value:.4g}"
        line = f"figure {name} {shown} {unit}"
        print(line, flush=True)
        self.lines.append(line)

    def save(self) -> None:
        """Append the run to RESULTS.md if asked to."""
        if not self.record or not self.lines:
            return
        command = " ".join(["python -m", *_module(), *sys.argv[1:]])
        with RESULTS.open("a", encoding="utf-8") as file:
            if not file.tell():
                file.write("# Results\n\nWritten by `make bench*`; README.md says what each figure means.\n")
            file.write(
                f"\n## {datetime.now(UTC):%Y-%m-%d %H:%M} UTC, commit {_commit()}\n\n"
                f"{_machine()}; `{command}`\n\n```\n" + "\n".join(self.lines) + "\n```\n"
            )


def _module() -> list[str]:
    main = sys.modules["__main__"]
    name = main.__spec__.name if main.__spec__ else "bench"
    return [name.removesuffix(".__main__")]


def _commit() -> str:
    def git(*arguments: str) -> str:
        return subprocess.run(
            ["git", *arguments], capture_output=True, text=True, check=False, cwd=RESULTS.parent
        ).stdout.strip()

    changed = git("status", "--porcelain", "--untracked-files=no", "--", ".", ":!RESULTS.md")
    return git("rev-parse", "--short", "HEAD") + (" with uncommitted changes" if changed else "")


def _machine() -> str:
    model = "unknown processor"
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.partition(":")[2].strip()
            break
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{model}, {len(os.sched_getaffinity(0))} cores, {memory:.0f} GB"

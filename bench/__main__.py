"""`python -m bench [subject ...]`: the figures of the event path and of insight, on fresh systems."""

import argparse
import sys
from collections.abc import Callable, Sequence

from bench.fairness import measure_fairness
from bench.figures import Figures
from bench.imports import measure_imports
from bench.ingest import measure_ingest
from bench.insight.measure import FULL, Asked, measure_insight
from bench.insight.measure import SUBJECTS as INSIGHT_SUBJECTS
from bench.outage import measure_outage
from bench.paced import measure_paced
from bench.remap import measure_remap
from bench.rest import measure_rest
from bench.rolling import measure_rolling
from bench.snippet import measure_snippet
from bench.stages import measure_stages
from bench.system import System, own_system

# Those of one system, in this order; the others each start their own.
TOGETHER: dict[str, Callable[[System, Figures, float], None]] = {
    "paced": measure_paced,
    "ingest": measure_ingest,
    "remap": measure_remap,
    "imports": lambda system, figures, _: measure_imports(system, figures),
    "stages": measure_stages,
    "rest": lambda system, figures, _: measure_rest(system, figures),
}
ALONE: dict[str, Callable[[Figures, float], bool]] = {
    "fairness": measure_fairness,
    "rolling": lambda figures, _: measure_rolling(figures),
    "outage": lambda figures, _: measure_outage(figures),
    "snippet": lambda figures, _: measure_snippet(figures),
}
SUBJECTS = (*TOGETHER, *ALONE, "insight")


def main() -> None:
    """Start a system, measure what was asked for (all by default), stop it."""
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument("subjects", nargs="*", help=f"any of {', '.join(SUBJECTS)}; all when none is named")
    parser.add_argument("--seconds", type=float, default=20, help="how long each load lasts")
    parser.add_argument("--people", type=int, default=FULL, help="insight: how many; for a look on fewer")
    parser.add_argument("--only", nargs="+", choices=INSIGHT_SUBJECTS, help="insight: these of its subjects")
    parser.add_argument("--record", action="store_true", help="append to RESULTS.md; for make bench only")
    arguments = parser.parse_args()
    subjects = arguments.subjects or SUBJECTS
    if unknown := set(subjects) - set(SUBJECTS):
        parser.error(f"no such subject: {', '.join(sorted(unknown))}")
    figures = Figures(arguments.record)
    try:
        fine = _measure(subjects, figures, arguments)
    finally:
        # What was measured before something failed was measured.
        figures.save()
    if not fine:
        sys.exit("bench: a request failed, or the count is wrong")


def _measure(subjects: Sequence[str], figures: Figures, arguments: argparse.Namespace) -> bool:
    if not TOGETHER.keys().isdisjoint(subjects):
        with own_system() as system:
            for subject, measure in TOGETHER.items():
                if subject in subjects:
                    measure(system, figures, arguments.seconds)
    fine = [measure(figures, arguments.seconds) for subject, measure in ALONE.items() if subject in subjects]
    if "insight" in subjects:
        only = tuple(arguments.only or INSIGHT_SUBJECTS)
        measure_insight(figures, Asked(only, arguments.people, arguments.seconds))
    return all(fine)


if __name__ == "__main__":
    main()

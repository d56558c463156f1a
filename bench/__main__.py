"""`python -m bench [subject ...]`: the figures of the event path, on fresh systems."""

import argparse
import sys
from collections.abc import Collection

from bench.figures import Figures
from bench.imports import measure_imports
from bench.ingest import measure_ingest
from bench.outage import measure_outage
from bench.paced import measure_paced
from bench.remap import measure_remap
from bench.rest import measure_rest
from bench.rolling import measure_rolling
from bench.stages import measure_stages
from bench.system import own_system

# Of one system, in this order; the faults after them each start their own.
SUBJECTS = ("paced", "ingest", "remap", "imports", "stages", "rest", "rolling", "outage")


def main() -> None:
    """Start a system, measure what was asked for (all by default), stop it."""
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument("subjects", nargs="*", help=f"any of {', '.join(SUBJECTS)}; all when none is named")
    parser.add_argument("--seconds", type=float, default=20, help="how long each load lasts")
    parser.add_argument("--record", action="store_true", help="append to RESULTS.md; for make bench only")
    arguments = parser.parse_args()
    subjects = arguments.subjects or SUBJECTS
    if unknown := set(subjects) - set(SUBJECTS):
        parser.error(f"no such subject: {', '.join(sorted(unknown))}")
    figures = Figures(arguments.record)
    if not {"paced", "ingest", "remap", "imports", "stages", "rest"}.isdisjoint(subjects):
        _measure_system(figures, subjects, arguments.seconds)
    fine = measure_rolling(figures) if "rolling" in subjects else True
    fine = (measure_outage(figures) if "outage" in subjects else True) and fine
    figures.save()
    if not fine:
        sys.exit("bench: a request failed, or the count is wrong")


def _measure_system(figures: Figures, subjects: Collection[str], seconds: float) -> None:
    with own_system() as system:
        if "paced" in subjects:
            measure_paced(system, figures, seconds)
        if "ingest" in subjects:
            measure_ingest(system, figures, seconds)
        if "remap" in subjects:
            measure_remap(system, figures, seconds)
        if "imports" in subjects:
            measure_imports(system, figures)
        if "stages" in subjects:
            measure_stages(system, figures, seconds)
        if "rest" in subjects:
            measure_rest(system, figures)


if __name__ == "__main__":
    main()

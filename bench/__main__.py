"""`python -m bench [ingest|paced|rest ...]`: the figures of the event path on a fresh system."""

import argparse

from bench.figures import Figures
from bench.ingest import measure_ingest
from bench.paced import measure_paced
from bench.rest import measure_rest
from bench.system import own_system

SUBJECTS = ("ingest", "paced", "rest")


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
    with own_system() as system:
        if "paced" in subjects:
            measure_paced(system, figures, arguments.seconds)
        if "ingest" in subjects:
            measure_ingest(system, figures, arguments.seconds)
        if "rest" in subjects:
            measure_rest(system, figures)
    figures.save()


if __name__ == "__main__":
    main()

"""Compiles the loops of overlaps and of reports on products beforehand: no question waits for a compiler."""

import numpy as np

from services.insight.domain.overlaps import tallied
from services.insight.domain.product_reports.open_products import rehearse
from services.insight.domain.product_reports.searches import Ordered, Searched, terms


def rehearse_reports() -> None:
    """Ask for all of nobody; what is compiled stays on disk (see domain/genes/compiled.py)."""
    bits = np.zeros(8, np.uint8)
    tallied([bits], bits)
    rehearse()
    nobody, never = np.zeros(0, np.uint32), np.zeros(0, np.int64)
    searched = Searched(nobody, never, nobody, np.zeros(0, np.int32), ("",))
    terms(searched, Ordered(nobody, never), nobody)

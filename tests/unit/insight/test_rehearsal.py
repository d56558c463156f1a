"""What is compiled beforehand is all that is compiled."""

import importlib
import pkgutil

from numba.core.dispatcher import Dispatcher

import services.insight
from services.insight.domain.genes.rehearsal import rehearse
from services.insight.domain.product_reports.rehearsal import rehearse_reports


def test_every_loop_is_compiled_before_anybody_asks() -> None:
    rehearse()
    rehearse_reports()
    loops = [
        loop
        for module in pkgutil.walk_packages(services.insight.__path__, "services.insight.")
        if "migrations" not in module.name
        for loop in vars(importlib.import_module(module.name)).values()
        if isinstance(loop, Dispatcher)
    ]
    assert loops
    assert [loop.py_func.__qualname__ for loop in loops if not loop.signatures] == []

"""Measures in a process of its own, whose memory is gone with it; figures come back line by line."""

import multiprocessing
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any, Concatenate, ParamSpec

from bench.figures import Figures

_Arguments = ParamSpec("_Arguments")


@dataclass(frozen=True, slots=True)
class Sink:
    """Takes figures and notes in the child."""

    pipe: "Connection[Any, Any]"

    def figure(self, name: str, value: float, unit: str) -> None:
        """As Figures.add."""
        self.pipe.send((name, value, unit))

    def note(self, text: str) -> None:
        """A line that is no figure."""
        self.pipe.send(text)


class Failed(Exception):
    """The process ended otherwise than with success; it printed why."""


def apart(
    figures: Figures,
    measure: Callable[Concatenate[Sink, _Arguments], None],
    *arguments: _Arguments.args,
    **named: _Arguments.kwargs,
) -> dict[str, float]:
    """The figures, printed as they come, by their names."""
    told: dict[str, float] = {}
    ours, theirs = multiprocessing.Pipe(duplex=False)
    context = multiprocessing.get_context("spawn")
    process = context.Process(target=_run, args=(theirs, measure, arguments, named))
    process.start()
    theirs.close()
    while True:
        try:
            found = ours.recv()
        except EOFError:
            break
        if isinstance(found, str):
            print(found, flush=True)
        else:
            figures.add(*found)
            told[found[0]] = found[1]
    process.join()
    if process.exitcode:
        raise Failed(f"{measure.__name__} ended with {process.exitcode}")
    return told


def _run(
    pipe: "Connection[Any, Any]", measure: Callable[..., None], arguments: Any, named: dict[str, Any]
) -> None:
    measure(Sink(pipe), *arguments, **named)
    pipe.close()

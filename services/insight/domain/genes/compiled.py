"""How loops over columns are compiled: without the interpreter's lock, and kept on disk for later starts."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

from numba import njit

_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")


def compiled(loop: Callable[_Arguments, _Result]) -> Callable[_Arguments, _Result]:
    """The loop as machine code, made at its first call.

    A compiled loop may call those of its own file only: what is kept on disk is renewed when its file
    changes, and nothing tells it of others. It is kept beside the source, else in the account's cache; where
    neither can be written it is compiled at every start.
    """
    try:
        made = njit(cache=True, nogil=True)(loop)
    except RuntimeError:
        made = njit(nogil=True)(loop)
    return cast(Callable[_Arguments, _Result], made)

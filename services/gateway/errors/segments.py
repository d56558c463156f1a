"""Failures about genes and segments."""

from collections.abc import Sequence

from chassis.errors import InvalidArgument


class SegmentNotValid(InvalidArgument):
    """Correct every place that `errors` names: each has a JSON pointer, what is wrong there and the fix."""

    reason = "SEGMENT_NOT_VALID"

    def __init__(
        self, message: str = "", errors: Sequence[dict[str, object]] = (), left_off: int = 0
    ) -> None:
        super().__init__(message, **({"errors_left_off": left_off} if left_off else {}))
        self.errors = list(errors)


class TreeNotReadable(InvalidArgument):
    """Send a tree in which every node says exactly one thing; `path` in `facts` leads to the wrong one."""

    reason = "TREE_NOT_READABLE"


class GeneNotKnown(InvalidArgument):
    """Choose a gene of GET /v1/genes, with a window only where it takes one."""

    reason = "GENE_NOT_KNOWN"


class NoYardstick(InvalidArgument):
    """Choose a gene of type number, money or ratio in GET /v1/genes."""

    reason = "NO_YARDSTICK"


class OverlapNotValid(InvalidArgument):
    """Compare 1 to 8 sets of people; save large trees as segments and compare those."""

    reason = "OVERLAP_NOT_VALID"


class DayNotValid(InvalidArgument):
    """Send a day that is over, or leave it out for now."""

    reason = "DAY_NOT_VALID"

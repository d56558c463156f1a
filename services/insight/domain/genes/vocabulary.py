"""From texts to their codes: whole, as a part, or a category with its descendants."""

import re
from collections.abc import Sequence
from itertools import accumulate

import numpy as np

BELOW = " > "
# In no text: spaces were collapsed, and texts are trimmed.
_BETWEEN = "\n"


class Vocabulary:
    """The texts of a dictionary by code; code 0 is "not known". Texts may be appended later."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.texts = texts
        self._codes: dict[str, int] = {}
        self._joined = (0, "", np.zeros(0, np.int64))

    def equal(self, text: str) -> list[int]:
        known = len(self._codes)
        if known < len(self.texts):
            self._codes.update((self.texts[code], code) for code in range(known, len(self.texts)))
        code = self._codes.get(text, 0)
        return [code] if code else []

    def below(self, path: str) -> list[int]:
        """The category and its descendants."""
        start = path + BELOW
        return [
            code for code, text in enumerate(self.texts) if code and (text == path or text.startswith(start))
        ]

    def containing(self, part: str) -> list[int]:
        """The texts of which it is a part. One search in all of them joined beats one search in each."""
        if not part:
            return list(range(1, len(self.texts)))
        size, joined, ends = self._joined
        if size != len(self.texts):
            size = len(self.texts)
            joined = _BETWEEN.join(self.texts)
            ends = np.array(list(accumulate(len(text) + 1 for text in self.texts)), np.int64)
            self._joined = (size, joined, ends)
        found = np.array([match.start() for match in re.finditer(re.escape(part), joined)], np.int64)
        return [int(code) for code in np.unique(np.searchsorted(ends, found, side="right"))]

"""Files that a build made, by name."""

from collections.abc import Mapping
from pathlib import Path


class BuiltFiles:
    """Files of a folder by name, so that no path of a request ever becomes the path of a file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: Mapping[str, Path] = {}

    def find(self, name: str) -> Path | None:
        """None: there is no such file."""
        known = self._known.get(name)
        if known is None or not known.is_file():
            # Built since, or never there.
            self._known = {path.name: path for path in self._folder.glob("*")}
            known = self._known.get(name)
        return known

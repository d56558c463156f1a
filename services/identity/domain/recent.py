"""A bounded memory of what was used lately, cheap enough to ask for every event."""

from collections.abc import Sequence
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Recent(Generic[K, V]):
    """Keeps between `size` and twice `size` entries; forgets those unused for longest.

    Two generations: what is found in the old one moves to the young one, and when that is full the old
    one is dropped. So a hit costs one look-up and no bookkeeping.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._young: dict[K, V] = {}
        self._old: dict[K, V] = {}

    def get(self, key: K) -> V | None:
        found = self._young.get(key)
        if found is None:
            found = self._old.get(key)
            if found is not None:
                self.put(key, found)
        return found

    def get_many(self, keys: Sequence[K]) -> list[V | None]:
        """One entry a key."""
        found = list(map(self._young.get, keys))
        if None in found and self._old:
            for index, value in enumerate(found):
                if value is None:
                    found[index] = self.get(keys[index])
        return found

    def put(self, key: K, value: V) -> None:
        if len(self._young) >= self._size:
            self._old = self._young
            self._young = {}
        self._young[key] = value

    def forget(self, key: K) -> None:
        """As if it had never been used."""
        self._young.pop(key, None)
        self._old.pop(key, None)

    def clear(self) -> None:
        """Forget everything."""
        self._young, self._old = {}, {}

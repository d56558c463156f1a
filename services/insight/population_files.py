"""Bases of people as files, so that a start reads them instead of the whole event store.

One file a tenant, put into its place at once. A file that cannot be believed is deleted: of another version,
zone, rates or rules, of rows that are others since, of another store, or damaged.
"""

import contextlib
import json
import logging
import os
import threading
import time
import zlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray
from prometheus_client import Counter

from services.insight.domain.genes.facts import Acts, Items, Orders, People, Words
from services.insight.evaluation import Moment
from services.insight.store.facts import Ahead, Counting, Dictionaries, Loaded, facts_of
from services.insight.store.facts_blocks import Codes
from services.insight.store.facts_fold import Folding
from services.insight.store.facts_products import Names, Products
from services.insight.store.queries.facts_items import ProductCodes
from services.insight.store.queries.facts_touched import Upheavals

log = logging.getLogger(__name__)

# Of what the columns mean: another number makes all files of before worthless.
VERSION = 2
_MAGIC = b"PEOPLE\0\0"
# Fewer people are read from the store as quickly.
_LEAST_PEOPLE = 20_000
_SECONDS_BETWEEN = 600.0
# So many texts are encoded at once: meanwhile the interpreter's lock is held, and nobody is answered.
_TEXTS_AT_ONCE = 2000
_TABLES: Mapping[str, type[Any]] = {
    "people": People,
    "acts": Acts,
    "items": Items,
    "orders": Orders,
    "words": Words,
}

_written = Counter("insight_population_files_written", "Bases of people written to files")


class _NotBelieved(Exception):
    """Why a file is of no use."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Everybody as of a place, and what products were called there."""

    loaded: Loaded
    products: Products
    position: int
    until_ms: int


@dataclass(frozen=True, slots=True)
class About:
    """What a file must agree with to be believed."""

    counting: Counting
    upheavals: Upheavals
    proof: str

    @property
    def key(self) -> str:
        said = json.dumps([repr(self.counting.key), asdict(self.upheavals), self.proof])
        return sha256(said.encode()).hexdigest()


class Checkpoints:
    """The folder of the files; its methods but `position` are for threads."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for draft in folder.glob("*.draft"):
            draft.unlink()
        self._lock = threading.Lock()
        # How often a tenant's file was removed: what was begun before is not put in its place.
        self._generations: dict[str, int] = {}
        self._erased: dict[str, set[int]] = {}
        self._written_at: dict[str, float] = {}

    def wanted(self, tenant_id: str, checkpoint: Checkpoint) -> bool:
        """Whether it is worth writing now."""
        last = self._written_at.get(tenant_id)
        rested = last is None or time.monotonic() - last > _SECONDS_BETWEEN
        return rested and checkpoint.loaded.folding.profile_id.size >= _LEAST_PEOPLE

    def position(self, tenant_id: str) -> int | None:
        """The place that a tenant's file is of."""
        try:
            with self._path(tenant_id).open("rb") as file:
                return int(_header(file)["position"])
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, _NotBelieved) as error:
            self._disbelieve(tenant_id, error)
            return None

    def generation(self, tenant_id: str) -> int:
        """To be told to `write`."""
        return self._generations.get(tenant_id, 0)

    def write(self, tenant_id: str, checkpoint: Checkpoint, about: About, generation: int) -> None:
        """Unless the tenant's file was removed since, or somebody in it was erased."""
        draft = self._path(tenant_id).with_suffix(".draft")
        try:
            with draft.open("wb") as file:
                _store(file, checkpoint, about)
                file.flush()
                os.fsync(file.fileno())
            with self._lock:
                held = self._holds(tenant_id, checkpoint.loaded.folding.nid)
                if not held and generation == self.generation(tenant_id):
                    draft.replace(self._path(tenant_id))
                    self._written_at[tenant_id] = time.monotonic()
                    _written.inc()
        finally:
            draft.unlink(missing_ok=True)

    def read(self, tenant_id: str, moment: Moment, about: About) -> Checkpoint | None:
        """The tenant's file if it is of no later moment; one that cannot be believed is deleted."""
        try:
            with self._path(tenant_id).open("rb") as file:
                return _restore(file, moment, about)
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError, _NotBelieved) as error:
            self._disbelieve(tenant_id, error)
            return None

    def remove(self, tenant_id: str) -> None:
        """The tenant's file, and what is being written to be it."""
        with self._lock:
            self._generations[tenant_id] = self.generation(tenant_id) + 1
            self._path(tenant_id).unlink(missing_ok=True)
            self._written_at.pop(tenant_id, None)

    def forget_people(self, tenant_id: str, nids: Collection[int]) -> None:
        """Remove the tenant's file if it holds any of these; let none that does take its place."""
        with self._lock:
            self._erased.setdefault(tenant_id, set()).update(nids)
        try:
            with self._path(tenant_id).open("rb") as file:
                held = self._holds(tenant_id, _column(file, "folding.nid"))
        except FileNotFoundError:
            return
        except (OSError, ValueError, KeyError, _NotBelieved):
            held = True
        if held:
            self.remove(tenant_id)

    def _holds(self, tenant_id: str, nids: NDArray[Any]) -> bool:
        """Whether any of the nids was erased."""
        erased = np.array(sorted(self._erased.get(tenant_id, ())), nids.dtype)
        return bool(np.isin(erased, nids).any())

    def _disbelieve(self, tenant_id: str, why: Exception) -> None:
        log.info("population_file_not_believed", extra={"why": str(why)[:300]})
        with contextlib.suppress(OSError):
            self._path(tenant_id).unlink(missing_ok=True)

    def _path(self, tenant_id: str) -> Path:
        return self._folder / f"{tenant_id}.people"


# --- the form ----------------------------------------------------------------------------------------------


def _columns(loaded: Loaded) -> Iterator[tuple[str, NDArray[Any]]]:
    for name, kind in _TABLES.items():
        table = getattr(loaded.facts, name)
        for one in fields(kind):
            yield f"{name}.{one.name}", getattr(table, one.name)
    yield from (("lacks", loaded.lacks), ("folding.nid", loaded.folding.nid))
    yield from (("folding.person", loaded.folding.person), ("ahead.at_ms", loaded.ahead.at_ms))
    yield "ahead.nid", loaded.ahead.nid


def _texts(checkpoint: Checkpoint) -> dict[str, Any]:
    products = checkpoint.products
    # What came since this base is not in it.
    facts = checkpoint.loaded.facts
    return {
        "products": list(facts.products),
        "categories": list(facts.categories),
        "brands": list(facts.brands),
        "words": list(facts.words_by_code),
        "sources": list(facts.sources),
        "category_of": products.categories.texts,
        "category_ranks": products.categories.ranks,
        "brand_of": products.brands.texts,
        "brand_ranks": products.brands.ranks,
    }


def _encoded(texts: Mapping[str, Any]) -> Iterator[bytes]:
    """Lines, each of some texts or pairs of one name."""
    for name, told in texts.items():
        items = list(told.items()) if isinstance(told, dict) else told
        for first in range(0, max(len(items), 1), _TEXTS_AT_ONCE):
            some = items[first : first + _TEXTS_AT_ONCE]
            yield json.dumps([name, some], ensure_ascii=False).encode() + b"\n"


def _decoded(encoded: bytes) -> dict[str, list[Any]]:
    """The texts, or pairs, of each name."""
    texts: dict[str, list[Any]] = {}
    for line in encoded.splitlines():
        name, some = json.loads(line)
        texts.setdefault(name, []).extend(some)
    return texts


def _store(file: BinaryIO, checkpoint: Checkpoint, about: About) -> None:
    texts = b"".join(_encoded(_texts(checkpoint)))
    columns = list(_columns(checkpoint.loaded))
    header = {
        "version": VERSION,
        "key": about.key,
        "position": checkpoint.position,
        "until_ms": checkpoint.until_ms,
        "texts": [len(texts), zlib.crc32(texts)],
        "columns": [[name, one.dtype.str, one.size, zlib.crc32(_bytes(one))] for name, one in columns],
    }
    head = json.dumps(header).encode()
    file.write(_MAGIC + len(head).to_bytes(8, "little") + head + zlib.crc32(head).to_bytes(4, "little"))
    file.write(texts)
    for _, column in columns:
        file.write(_bytes(column))


def _bytes(column: NDArray[Any]) -> Any:
    return np.ascontiguousarray(column).view(np.uint8).data if column.size else b""


def _header(file: BinaryIO) -> dict[str, Any]:
    if file.read(len(_MAGIC)) != _MAGIC:
        raise _NotBelieved("It does not begin as it should.")
    head = file.read(int.from_bytes(file.read(8), "little"))
    if zlib.crc32(head).to_bytes(4, "little") != file.read(4):
        raise _NotBelieved("Its head is damaged.")
    header: dict[str, Any] = json.loads(head)
    if header["version"] != VERSION:
        raise _NotBelieved("It is of another version.")
    return header


def _column(file: BinaryIO, wanted: str) -> NDArray[Any]:
    """One column alone."""
    header = _header(file)
    file.seek(header["texts"][0], os.SEEK_CUR)
    for name, dtype, size, checksum in header["columns"]:
        n_bytes = size * np.dtype(dtype).itemsize
        if name == wanted:
            return np.frombuffer(_checked(file.read(n_bytes), checksum), np.dtype(dtype))
        file.seek(n_bytes, os.SEEK_CUR)
    raise _NotBelieved("It lacks a column.")


def _restore(file: BinaryIO, moment: Moment, about: About) -> Checkpoint | None:
    header = _header(file)
    if header["key"] != about.key:
        raise _NotBelieved("It is of another store, of other rules, or of rows that are others now.")
    position, until_ms = int(header["position"]), int(header["until_ms"])
    if position > moment.position or until_ms > moment.now_ms:
        # Of a moment that is yet to come for whoever asks.
        return None
    texts = _decoded(_checked(file.read(header["texts"][0]), header["texts"][1]))
    columns: dict[str, NDArray[Any]] = {}
    for name, dtype, size, checksum in header["columns"]:
        column = np.empty(size, np.dtype(dtype))
        if column.size and file.readinto(_bytes(column)) != column.nbytes:  # type: ignore[attr-defined]
            raise _NotBelieved("It is cut off.")
        _checked(_bytes(column), checksum)
        columns[name] = column
    products = Products(_names(texts, "category"), _names(texts, "brand"))
    return Checkpoint(_loaded(columns, texts, products, about.counting), products, position, until_ms)


def _checked(data: Any, checksum: int) -> Any:
    if zlib.crc32(data) != checksum:
        raise _NotBelieved("It is damaged.")
    return data


def _names(texts: Mapping[str, Sequence[Any]], kind: str) -> Names:
    ranks = {name: (int(at), int(place)) for name, (at, place) in texts[f"{kind}_ranks"]}
    return Names(dict(texts[f"{kind}_of"]), ranks)


def _loaded(
    columns: Mapping[str, NDArray[Any]],
    texts: Mapping[str, Sequence[str]],
    products: Products,
    counting: Counting,
) -> Loaded:
    names = ("products", "categories", "brands", "words", "sources")
    product, category, brand, words, sources = (Codes(texts[name]) for name in names)
    codes = Dictionaries(ProductCodes(product, category, brand), words, sources)

    def table(name: str) -> Any:
        return _TABLES[name](**{one.name: columns[f"{name}.{one.name}"] for one in fields(_TABLES[name])})

    people = table("people")
    facts = facts_of(
        (people, table("acts"), table("items"), table("orders"), table("words")), counting, products, codes
    )
    folding = Folding(columns["folding.nid"], columns["folding.person"], people.profile_id)
    return Loaded(
        facts, folding, columns["lacks"], Ahead(columns["ahead.at_ms"], columns["ahead.nid"]), codes
    )

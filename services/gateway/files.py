"""Files of tenants: uploads and what is made for download, in a folder or in object storage."""

import io
import os
import re
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, from_url

from services.gateway.errors.files import FileNotThere, FilesUnavailable, FileTooLarge

if TYPE_CHECKING:
    from obstore import ReadableFile
    from obstore.store import ObjectStore

# Five is the least that S3 takes for a part; two parts travel at once, so a writer holds about 15 MB.
_PART_BYTES = 5 * 1024 * 1024
_PARTS_AT_ONCE = 2
_READ_BYTES = 1024 * 1024
_LISTED_AT_ONCE = 500
# Names are ours, never a sender's: nothing in them can leave the tenant's folder.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}")
# What a killed process leaves of a file that it was writing to a folder; never listed, never read.
_UNFINISHED = re.compile(r".*#[0-9]+")


class Files:
    """Keys are `<tenant_id>/<kind>/<name>`; a file appears whole or not at all."""

    def __init__(self, url: str) -> None:
        self._folder: Path | None = None
        parts = urlsplit(url)
        if parts.scheme == "file":
            self._folder = Path(unquote(parts.path))
            # Customers' data: for this process' account only, whatever the umask.
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._store: ObjectStore = LocalStore(self._folder, automatic_cleanup=True)
        elif parts.scheme == "s3":
            # Address and credentials from AWS_*, or from the pod's identity.
            self._store = from_url(url)
        else:
            raise ValueError("files are kept at file:///folder or s3://bucket/prefix")

    async def write(
        self, tenant_id: str, kind: str, name: str, chunks: AsyncIterable[bytes], *, max_bytes: int
    ) -> int:
        """Store a file, in place of one that had its name, and return its size.

        Raises FileTooLarge; then, and when `chunks` fails, what was there before is still there.
        """
        size = 0
        with _answering():
            async with obstore.open_writer_async(
                self._store,
                _key(tenant_id, kind, name),
                buffer_size=_PART_BYTES,
                max_concurrency=_PARTS_AT_ONCE,
            ) as writer:
                async for chunk in chunks:
                    size += len(chunk)
                    if size > max_bytes:
                        raise FileTooLarge(f"A file takes at most {max_bytes} bytes.", limit=max_bytes)
                    await writer.write(chunk)
        return size

    async def read(self, tenant_id: str, kind: str, name: str) -> AsyncGenerator[bytes, None]:
        """The file's bytes, about a megabyte at once; raises FileNotThere."""
        with _answering():
            found = await obstore.get_async(self._store, _key(tenant_id, kind, name))
            async for chunk in found.stream(min_chunk_size=_READ_BYTES):
                yield bytes(chunk)

    def open(self, tenant_id: str, kind: str, name: str) -> io.BufferedReader:
        """The file for reading at any place, blocking: for the process of a job. Raises FileNotThere."""
        with _answering():
            reader = obstore.open_reader(
                self._store, _key(tenant_id, kind, name), buffer_size=4 * _READ_BYTES
            )
        return io.BufferedReader(StoredFile(reader), _READ_BYTES)

    async def size(self, tenant_id: str, kind: str, name: str) -> int:
        """In bytes; raises FileNotThere."""
        with _answering():
            return int((await obstore.head_async(self._store, _key(tenant_id, kind, name)))["size"])

    async def delete(self, tenant_id: str, kind: str, name: str) -> None:
        """A file that is not there is deleted already."""
        await self._delete([_key(tenant_id, kind, name)])

    async def delete_kind(self, tenant_id: str, kind: str) -> None:
        """Every file of one kind."""
        async for keys in self._keys(f"{_segment(tenant_id)}/{_segment(kind)}"):
            await self._delete(keys)

    async def delete_tenant(self, tenant_id: str) -> int:
        """Every file of a tenant, of all kinds; returns how many there were."""
        deleted = 0
        async for keys in self._keys(_segment(tenant_id)):
            deleted += len(keys)
            await self._delete(keys)
        if self._folder is not None:
            _delete_unfinished(self._folder / tenant_id, None)
        return deleted

    async def delete_expired(self, kind: str, before: datetime) -> int:
        """Files of a kind, of all tenants, that were stored before a moment; returns how many."""
        deleted = 0
        with _answering():
            tenants = (await obstore.list_with_delimiter_async(self._store))["common_prefixes"]
        for tenant_id in tenants:
            async for keys in self._keys(f"{tenant_id}/{_segment(kind)}", before):
                deleted += len(keys)
                await self._delete(keys)
            if self._folder is not None:
                _delete_unfinished(self._folder / tenant_id / kind, before)
        return deleted

    async def _keys(self, prefix: str, before: datetime | None = None) -> AsyncIterator[list[str]]:
        with _answering():
            # Read to its end first: a listing that is deleted from while it runs may skip.
            found = [
                str(entry["path"])
                async for entries in obstore.list(self._store, prefix, chunk_size=_LISTED_AT_ONCE)
                for entry in entries
                if before is None or entry["last_modified"] < before
            ]
        for first in range(0, len(found), _LISTED_AT_ONCE):
            yield found[first : first + _LISTED_AT_ONCE]

    async def _delete(self, keys: list[str]) -> None:
        for key in keys:
            try:
                with _answering():
                    await obstore.delete_async(self._store, key)
            except FileNotThere:
                continue


class StoredFile(io.RawIOBase):
    """A file in the storage as Python's readers expect one; raises FilesUnavailable."""

    def __init__(self, reader: "ReadableFile") -> None:
        self._reader = reader

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._reader.tell()

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        return self._reader.seek(offset, whence)

    def readinto(self, buffer: Any, /) -> int:
        """As io says."""
        with _answering():
            data = bytes(self._reader.read(len(buffer)))
        buffer[: len(data)] = data
        return len(data)


@contextmanager
def _answering() -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise FileNotThere("There is no such file.") from error
    except BaseError as error:
        raise FilesUnavailable("The file storage does not answer.") from error


def _key(tenant_id: str, kind: str, name: str) -> str:
    return f"{_segment(tenant_id)}/{_segment(kind)}/{_segment(name)}"


def _segment(text: str) -> str:
    if not _NAME.fullmatch(text):
        raise ValueError("a file's tenant, kind and name are letters, digits, dots, - and _")
    return text


def _delete_unfinished(folder: Path, before: datetime | None) -> None:
    for path in folder.rglob("*#*"):
        stale = before is None or path.stat().st_mtime < before.timestamp()
        if stale and _UNFINISHED.fullmatch(path.name):
            os.unlink(path)

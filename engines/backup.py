"""Backups of an installation's data folder, and new installations made from them.

Everything is copied while it runs; then all parts stop, what has changed since is copied again, and they
start. So a backup is of one moment, and the pause is that of a restart and of the last changes.
"""

import json
import os
import shutil
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from engines.settings import ROOT

_MANIFEST = "backup.json"
_NAME = "%Y-%m-%dT%H-%M-%SZ"
# Of the run, not of the data; logs would outlive their own age.
_LEFT_OUT = {
    "up.lock",
    "up.json",
    "up.log",
    "parts.json",
    "control.sock",
    "migrated.json",
    "logs",
    # What insight has read from its stores; one that is restored reads them anew.
    "people",
    "restored.json",
}
# A file that was written so shortly before it was copied may have changed without its time telling.
_RACE_NS = 2_000_000_000
_LEDGER = "erasures"


class BackupRefused(Exception):
    """It cannot be done so; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Backup:
    """One whole backup."""

    path: Path
    made_at: datetime
    bytes: int
    source: Path

    def expires_at(self, keep_days: int) -> datetime:
        return self.made_at + timedelta(keep_days)


class Copy:
    """A copy of a folder; each `update` copies what has changed since the one before."""

    def __init__(self, source: Path, target: Path) -> None:
        self._source = source
        self._target = target
        # By path: size and time of what was copied, and whether that time can be relied upon.
        self._copied: dict[Path, tuple[int, int, bool]] = {}

    def update(self) -> int:
        """Returns how many bytes were copied. What vanishes meanwhile is left to the next update."""
        self._target.mkdir(parents=True, exist_ok=True, mode=0o700)
        copied, seen = 0, set[Path]()
        for path in _below(self._source, Path()):
            seen.add(path)
            try:
                copied += self._one(path)
            except FileNotFoundError:
                self._copied.pop(path, None)
        for path in sorted(set(_below(self._target, Path())) - seen, reverse=True):
            gone = self._target / path
            self._copied.pop(path, None)
            gone.rmdir() if gone.is_dir() and not gone.is_symlink() else gone.unlink()
        return copied

    def _one(self, path: Path) -> int:
        source, target = self._source / path, self._target / path
        if source.is_symlink():
            if not target.is_symlink():
                target.symlink_to(source.readlink())
            return 0
        if source.is_dir():
            target.mkdir(exist_ok=True)
            _dress(source, target)
            return 0
        state = source.stat()
        known = self._copied.get(path)
        if known == (state.st_size, state.st_mtime_ns, True):
            return 0
        settled = time.time_ns() - state.st_mtime_ns > _RACE_NS
        shutil.copyfile(source, target)
        _dress(source, target)
        self._copied[path] = (state.st_size, state.st_mtime_ns, settled)
        return state.st_size


def _below(folder: Path, path: Path) -> Iterator[Path]:
    """All entries, a folder before what is in it; sockets and what belongs to the run are left out."""
    try:
        entries = sorted(os.scandir(folder / path), key=lambda entry: entry.name)
    except FileNotFoundError:
        return
    for entry in entries:
        if path == Path() and entry.name in _LEFT_OUT:
            continue
        inner = path / entry.name
        if entry.is_dir(follow_symlinks=False):
            yield inner
            yield from _below(folder, inner)
        elif entry.is_symlink() or entry.is_file(follow_symlinks=False):
            yield inner


def _dress(source: Path, target: Path) -> None:
    """Mode, times and, as root, owner: PostgreSQL's files may belong to another user."""
    shutil.copystat(source, target)
    if os.geteuid() == 0:
        state = source.stat()
        os.chown(target, state.st_uid, state.st_gid)


def draft_of(folder: Path) -> Path:
    """Where a backup grows until it is whole."""
    return folder / f"{datetime.now(UTC).strftime(_NAME)}.draft"


def finish(draft: Path, source: Path) -> Backup:
    """Declare a draft whole."""
    size = sum((draft / path).lstat().st_size for path in _below(draft, Path()))
    made_at = datetime.now(UTC).replace(microsecond=0)
    facts = {"made_at": made_at.isoformat(), "bytes": size, "source": str(source)}
    (draft / _MANIFEST).write_text(json.dumps(facts, indent=2) + "\n")
    os.sync()
    whole = draft.with_suffix("")
    draft.rename(whole)
    return Backup(whole, made_at, size, source)


def load(path: Path) -> Backup:
    """Raises BackupRefused."""
    try:
        facts = json.loads((path / _MANIFEST).read_text())
        return Backup(path, datetime.fromisoformat(facts["made_at"]), facts["bytes"], Path(facts["source"]))
    except (OSError, ValueError, KeyError) as error:
        raise BackupRefused(f"{path} is no whole backup: it has no readable {_MANIFEST}") from error


def backups(folder: Path) -> list[Backup]:
    """Oldest first."""
    return sorted(
        (load(path.parent) for path in folder.glob(f"*/{_MANIFEST}")), key=lambda each: each.made_at
    )


def expire(folder: Path, keep_days: int) -> list[Path]:
    """Delete backups older than `keep_days`, and drafts that were left behind for a day."""
    now = datetime.now(UTC)
    gone = [each.path for each in backups(folder) if each.expires_at(keep_days) <= now]
    gone += [path for path in folder.glob("*.draft") if now.timestamp() - path.stat().st_mtime > 86_400]
    for path in gone:
        shutil.rmtree(path)
    return gone


def restore(backup: Path, folder: Path, ledger: Path | None) -> int:
    """Make the data folder from a backup; returns how many erasures newer than it were added to its ledger.

    `ledger`: a newer ledger of erasures; without one that of the installation the backup was made of, if it
    is still there.
    """
    made = load(backup)
    if folder.exists() and any(folder.iterdir()):
        raise BackupRefused(
            f"{folder} is not empty. Restore into an empty place: make restore BACKUP=… NEXUS_DATA=var2"
        )
    ledger = ledger if ledger is not None else made.source / _LEDGER
    draft = folder.with_name(folder.name + ".draft")
    shutil.rmtree(draft, ignore_errors=True)
    Copy(backup, draft).update()
    (draft / _MANIFEST).unlink()
    added = _merge(ledger, draft / _LEDGER)
    # Identity skips the numbers that were given after the backup.
    (draft / "restored.json").write_text(json.dumps({"restored_at": int(time.time())}) + "\n")
    if folder.exists():
        folder.rmdir()
    draft.rename(folder)
    return added


def _merge(newer: Path, own: Path) -> int:
    """Add the entries that are missing."""
    added = 0
    for path in _below(newer, Path()):
        source, target = newer / path, own / path
        if source.is_file() and not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            shutil.copyfile(source, target)
            added += 1
    return added


def restored_at(folder: Path) -> int:
    """When this data folder was made from a backup, in Unix seconds; 0 if it never was."""
    path = folder / "restored.json"
    return int(json.loads(path.read_text())["restored_at"]) if path.exists() else 0


def backup_command(arguments: list[str]) -> None:
    """`python -m services backup <folder>`."""
    from engines.control import NotRunning, ask_backup
    from engines.installation import AlreadyRunning, own
    from engines.settings import LaptopSettings

    settings = LaptopSettings()
    if len(arguments) != 1:
        sys.exit("usage: python -m services backup <folder>")
    folder = (ROOT / arguments[0]).resolve()
    if folder.is_relative_to(settings.folder):
        sys.exit(f"{folder} lies in the data folder {settings.folder}; choose another place")
    if not (settings.folder / "secrets.json").exists():
        sys.exit(f"there is no installation in {settings.folder}")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        draft, paused = ask_backup(settings.folder, folder)
    except NotRunning:
        try:
            with own(settings.folder):
                draft, paused = draft_of(folder), 0.0
                Copy(settings.folder, draft).update()
        except AlreadyRunning as error:
            sys.exit(str(error))
    except ValueError as error:
        sys.exit(str(error))
    made = finish(draft, settings.folder)
    print(f"{made.path}: {made.bytes / 1e6:.0f} MB, paused for {paused:.1f} s")
    for gone in expire(folder, settings.backup_days):
        print(f"{gone}: expired, deleted")
    for each in backups(folder):
        due = each.expires_at(settings.backup_days)
        print(f"{each.path.name}  {each.bytes / 1e6:.0f} MB  expires {due:%Y-%m-%d}")


def restore_command(arguments: list[str]) -> None:
    """`python -m services restore <backup> [<newer ledger of erasures>]`."""
    from engines.settings import LaptopSettings

    settings = LaptopSettings()
    if len(arguments) not in (1, 2):
        sys.exit("usage: python -m services restore <backup> [<folder of erasures>]")
    ledger = (ROOT / arguments[1]).resolve() if len(arguments) == 2 else None
    if ledger is not None and not ledger.is_dir():
        sys.exit(f"there is no folder of erasures at {ledger}")
    os.umask(0o077)
    try:
        added = restore((ROOT / arguments[0]).resolve(), settings.folder, ledger)
    except BackupRefused as error:
        sys.exit(str(error))
    print(f"restored into {settings.folder}; {added} erasures made since the backup will be done again")

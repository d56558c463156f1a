"""The loader's memory between runs: which tenants exist, their keys, how far each history is sent."""

import os
from dataclasses import asdict, dataclass, field
from pathlib import Path

import msgspec


@dataclass(slots=True)
class LoadedTenant:
    """One demo tenant as far as it has come."""

    key: str
    id: str
    name: str
    time_zone: str
    currency: str
    write_key: str
    secret_key: str
    # Whole weeks its history was moved; fixed at the first load, or a second would shift half a history.
    weeks: int
    # Events answered 200, counted from the first; a resumed load sends from here.
    sent: int = 0
    finished: bool = False


@dataclass(slots=True)
class SignIn:
    """The demo teammate who may sign in to every demo tenant."""

    email: str
    password: str
    tenants: list[str] = field(default_factory=list)


@dataclass(slots=True)
class State:
    """What the state file holds."""

    # Names this load at the operator's door, where making a tenant twice in its name makes it once.
    load_id: str
    sign_in: SignIn
    tenants: list[LoadedTenant] = field(default_factory=list)
    finished: bool = False


def load_state(path: Path) -> State | None:
    """None before the first load."""
    if not path.exists():
        return None
    return msgspec.json.decode(path.read_bytes(), type=State)


def save_state(path: Path, state: State) -> None:
    """Replace the file in one step, so a kill leaves it whole; it holds keys: only its owner reads it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(path.name + ".new")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(msgspec.json.format(msgspec.json.encode(asdict(state)), indent=2))
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)

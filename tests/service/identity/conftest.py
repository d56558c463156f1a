"""Identity on engines of its own, because some tests kill them."""

import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from services.identity.main import service
from tests.service.identity.cell import Cell, Gateway, gateway_side


@pytest.fixture(scope="session")
def cell() -> Iterator[Cell]:
    folder = Path(tempfile.mkdtemp(prefix="nexus-identity-"))
    running = Cell(folder)
    try:
        running.create()
        yield running
    finally:
        running.remove()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
async def gateway(cell: Cell) -> AsyncIterator[Gateway]:
    """The gateway's side of a tenant of its own, with identity running."""
    async with gateway_side(cell) as side, service(cell.settings()):
        yield side

"""One insight with its engines for all tests that kill nothing."""

from collections.abc import AsyncIterator

import pytest

from tests.service.insight.installation import Client, Installation, Shop


@pytest.fixture(scope="session")
async def serving_installation() -> AsyncIterator[Installation]:
    """Not `installation`: tests that kill call their own so."""
    installation = Installation()
    try:
        await installation.start()
        async with installation.serving():
            yield installation
    finally:
        installation.stop()


@pytest.fixture(scope="session")
async def insight(serving_installation: Installation) -> AsyncIterator[Client]:
    async with serving_installation.client() as client:
        yield client


@pytest.fixture
def shop(insight: Client) -> Shop:
    return insight.shop()

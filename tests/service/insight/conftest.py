"""One insight with its engines for all tests that kill nothing."""

from collections.abc import AsyncIterator

import pytest

from tests.service.insight.installation import Client, Installation, Shop


@pytest.fixture(scope="session")
async def insight() -> AsyncIterator[Client]:
    installation = Installation()
    try:
        await installation.start()
        async with installation.serving(), installation.client() as client:
            yield client
    finally:
        installation.stop()


@pytest.fixture
def shop(insight: Client) -> Shop:
    return insight.shop()

"""Finds where in a stream the old messages end."""

from datetime import UTC, datetime

import nats.js.errors
from nats.js import JetStreamContext

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


async def last_before(
    jetstream: JetStreamContext, stream: str, first: int, last: int, limit: datetime
) -> int:
    """The last place from `first` to `last` whose message was stored before; first - 1 when none was."""
    low, high = first - 1, last
    # Nearly always not even the first was, so it is asked before the middle.
    place = first
    while low < high:
        if await _stored_at(jetstream, stream, place) < limit:
            low = place
        else:
            high = place - 1
        place = (low + high + 1) // 2
    return low


async def _stored_at(jetstream: JetStreamContext, stream: str, place: int) -> datetime:
    try:
        message = await jetstream.get_msg(stream, place)
    except nats.js.errors.NotFoundError:
        # Purged meanwhile; nothing is ever taken out but from the beginning.
        return _LONG_AGO
    assert message.time is not None  # the server always says
    return message.time

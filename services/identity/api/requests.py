"""What every request that changes something carries: the caller's id of the command, and who asks."""

import uuid

from services.identity.errors import InvalidCommandId, InvalidText

_MAX_TEXT = 500


def command_uuid(text: str) -> str:
    """The id in its one form; raises InvalidCommandId."""
    try:
        return str(uuid.UUID(text))
    except ValueError as error:
        raise InvalidCommandId("command_id must be a UUID.") from error


def require_actor(actor: str) -> str:
    """Who asks, as the ledger keeps it; raises InvalidText."""
    if len(actor) > _MAX_TEXT or "\0" in actor:
        raise InvalidText(f"actor has at most {_MAX_TEXT} characters and no NUL.", field="actor")
    return actor

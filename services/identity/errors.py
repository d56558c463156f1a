"""Every failure that identity promises.

ExpectedError
├── InvalidArgument
│   ├── InvalidPageToken      a page token that no list of ours gave out
│   ├── InvalidPageSize       more rows a page than allowed
│   ├── InvalidQuery          a beginning that no identifier can have
│   ├── IdentifierNotUsable   a value that names nobody, or cannot be one
│   ├── InvalidConsent        a statement that says nothing, or about the future
│   ├── InvalidText           a reason or an actor that is too long, or holds a NUL
│   └── InvalidCommandId      not a UUID
├── NotFound
│   ├── ProfileNotFound       no identifier of this tenant has that number
│   └── ErasureNotFound       no erasure of this tenant has that id
├── Conflict
│   └── CommandReused         this command id has asked for something else before
├── TooManyRequests
│   └── CommandsWaiting       changes are asked for faster than they can be made
├── Unavailable
│   └── CommandNotAnswered    it waits to be made; the same call again brings the answer
└── CommandFailed             a bug of ours: it was tried several times, and nothing was changed
"""

from grpc import StatusCode

from chassis.errors import Conflict, ExpectedError, InvalidArgument, NotFound, TooManyRequests, Unavailable


class InvalidPageToken(InvalidArgument):
    reason = "INVALID_PAGE_TOKEN"


class InvalidPageSize(InvalidArgument):
    reason = "INVALID_PAGE_SIZE"


class InvalidQuery(InvalidArgument):
    reason = "INVALID_QUERY"


class IdentifierNotUsable(InvalidArgument):
    reason = "IDENTIFIER_NOT_USABLE"


class InvalidCommandId(InvalidArgument):
    reason = "INVALID_COMMAND_ID"


class InvalidText(InvalidArgument):
    reason = "INVALID_TEXT"


class InvalidConsent(InvalidArgument):
    reason = "INVALID_CONSENT"


class ProfileNotFound(NotFound):
    reason = "PROFILE_NOT_FOUND"


class ErasureNotFound(NotFound):
    reason = "ERASURE_NOT_FOUND"


class CommandReused(Conflict):
    reason = "COMMAND_REUSED"


class CommandsWaiting(TooManyRequests):
    reason = "COMMANDS_WAITING"


class CommandNotAnswered(Unavailable):
    reason = "COMMAND_NOT_ANSWERED"


class CommandFailed(ExpectedError):
    status = StatusCode.INTERNAL
    reason = "COMMAND_FAILED"

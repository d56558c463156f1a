"""Every failure that identity promises.

ExpectedError
├── InvalidArgument
│   ├── InvalidPageToken      a page token that no list of ours gave out
│   ├── InvalidPageSize       more rows a page than allowed
│   ├── InvalidQuery          a beginning that no identifier can have
│   ├── IdentifierNotUsable   a value that names nobody, or cannot be one
│   ├── InvalidConsent        a statement that says nothing, or about the future
│   ├── InvalidText           a reason or an actor that is too long, or holds a NUL
│   ├── InvalidCommandId      not a UUID
│   ├── InvalidLink           a link of an identifier with itself, or none, or too many at once
│   └── InvalidRules          rules that break their bounds
├── NotFound
│   ├── ProfileNotFound       no identifier of this tenant has that number
│   ├── ErasureNotFound       no erasure of this tenant has that id
│   ├── IdentifierNotFound    no identifier of this tenant has that nid
│   ├── LinkNotFound          these two identifiers were never linked
│   └── LedgerEntryNotFound   no entry of the ledger with that number names a link
├── Conflict
│   ├── CommandReused         this command id has asked for something else before
│   ├── LinkWithdrawn         it was withdrawn; only restoring it joins the two again
│   ├── RulesChanged          somebody else has changed the rules meanwhile
│   └── StreamReplaced        another stream has taken the name of the one that was read
├── TooManyRequests
│   └── CommandsWaiting       changes are asked for faster than they can be made
├── Unavailable
│   ├── LedgerUnavailable     the storage of the ledger of erasures is away
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


class InvalidLink(InvalidArgument):
    reason = "INVALID_LINK"


class InvalidRules(InvalidArgument):
    reason = "INVALID_RULES"


class ProfileNotFound(NotFound):
    reason = "PROFILE_NOT_FOUND"


class ErasureNotFound(NotFound):
    reason = "ERASURE_NOT_FOUND"


class IdentifierNotFound(NotFound):
    reason = "IDENTIFIER_NOT_FOUND"


class LinkNotFound(NotFound):
    reason = "LINK_NOT_FOUND"


class LedgerEntryNotFound(NotFound):
    reason = "LEDGER_ENTRY_NOT_FOUND"


class LinkWithdrawn(Conflict):
    reason = "LINK_WITHDRAWN"


class RulesChanged(Conflict):
    reason = "RULES_CHANGED"


class CommandReused(Conflict):
    reason = "COMMAND_REUSED"


class StreamReplaced(Conflict):
    reason = "STREAM_REPLACED"


class CommandsWaiting(TooManyRequests):
    reason = "COMMANDS_WAITING"


class LedgerUnavailable(Unavailable):
    reason = "LEDGER_UNAVAILABLE"


class CommandNotAnswered(Unavailable):
    reason = "COMMAND_NOT_ANSWERED"


class CommandFailed(ExpectedError):
    status = StatusCode.INTERNAL
    reason = "COMMAND_FAILED"

"""Every failure that identity promises.

ExpectedError
├── InvalidArgument
│   ├── InvalidPageToken      a page token that no list of ours gave out
│   ├── InvalidPageSize       more rows a page than allowed
│   └── InvalidQuery          a beginning that no identifier can have
└── NotFound
    └── ProfileNotFound       no identifier of this tenant has that number
"""

from chassis.errors import InvalidArgument, NotFound


class InvalidPageToken(InvalidArgument):
    reason = "INVALID_PAGE_TOKEN"


class InvalidPageSize(InvalidArgument):
    reason = "INVALID_PAGE_SIZE"


class InvalidQuery(InvalidArgument):
    reason = "INVALID_QUERY"


class ProfileNotFound(NotFound):
    reason = "PROFILE_NOT_FOUND"

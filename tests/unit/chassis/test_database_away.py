"""What counts as a database that is away, and what as a wrong statement."""

import asyncpg
import pytest
import sqlalchemy as sa

from chassis.database import DatabaseUnavailable, database_away

AWAY = [
    asyncpg.DiskFullError,
    asyncpg.OutOfMemoryError,
    asyncpg.TooManyConnectionsError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.CannotConnectNowError,
    asyncpg.PostgresIOError,
    asyncpg.ConnectionDoesNotExistError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.InterfaceError,
    ConnectionResetError,
    TimeoutError,
]
WRONG = [asyncpg.UniqueViolationError, asyncpg.DataError, asyncpg.UndefinedTableError, ValueError]


@pytest.mark.parametrize("failure", AWAY)
def test_a_server_that_cannot_serve_now_is_away(failure: type[Exception]) -> None:
    with pytest.raises(DatabaseUnavailable), database_away():
        raise failure("now")
    if issubclass(failure, asyncpg.PostgresError):
        with pytest.raises(DatabaseUnavailable), database_away():
            raise sa.exc.DBAPIError("select 1", {}, failure("now"))


@pytest.mark.parametrize("failure", WRONG)
def test_a_wrong_statement_stays_an_error(failure: type[Exception]) -> None:
    with pytest.raises(failure), database_away():
        raise failure("never")
    with pytest.raises(sa.exc.DBAPIError), database_away():
        raise sa.exc.DBAPIError("select 1", {}, failure("never"))

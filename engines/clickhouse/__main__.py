"""`python -m engines.clickhouse`: serve one directory on loopback until SIGTERM."""

import argparse
import ipaddress
import json
import logging
import os
import sys
from pathlib import Path

import uvicorn

from engines.clickhouse.configuration import Limits


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m engines.clickhouse", description=__doc__)
    parser.add_argument("--listen", required=True, help="127.0.0.1:port; any other host is refused")
    parser.add_argument(
        "--data", required=True, type=Path, help="the directory; one process at a time owns it"
    )
    parser.add_argument(
        "--users", required=True, type=Path, help='JSON {"user": {"password": …, "database": …}}'
    )
    parser.add_argument(
        "--fsync",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="an insert is on the disk before it is acknowledged",
    )
    parser.add_argument(
        "--old-parts-seconds",
        type=int,
        default=Limits().old_parts_seconds,
        help="how long files stay on the disk after a merge or a deletion has replaced them",
    )
    return parser.parse_args()


def _loopback(address: str) -> tuple[str, int]:
    host, _, port = address.rpartition(":")
    try:
        if not ipaddress.ip_address(host).is_loopback or not port.isdigit():
            raise ValueError
    except ValueError:
        sys.exit(f"--listen {address}: only 127.0.0.1:port, for this endpoint has no encryption")
    return host, int(port)


def _users(file: Path) -> dict[str, tuple[str, str]]:
    """Name → password and database."""
    try:
        entries = json.loads(file.read_text("utf-8"))
        users = {
            str(name): (str(entry["password"]), str(entry["database"])) for name, entry in entries.items()
        }
        if not users or not all(password and database for password, database in users.values()):
            raise ValueError("every user needs a password and a database")
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        sys.exit(f"--users {file}: {error!r}")
    return users


def main() -> None:
    # The engine takes its zone from here when it is loaded; columns without one must not get the machine's.
    os.environ["TZ"] = "UTC"
    from engines.clickhouse.engine import Engine, EngineError
    from engines.clickhouse.server import Endpoint, User

    arguments = _arguments()
    host, port = _loopback(arguments.listen)
    users = _users(arguments.users)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    try:
        limits = Limits(fsync=arguments.fsync, old_parts_seconds=arguments.old_parts_seconds)
        engine = Engine(arguments.data.resolve(), limits)
    except EngineError as error:
        sys.exit(f"--data {arguments.data}: {error.text}")
    endpoint = Endpoint(engine, {name: User(*entry) for name, entry in users.items()})
    uvicorn.run(
        endpoint,
        host=host,
        port=port,
        loop="uvloop",
        http="httptools",
        ws="none",
        lifespan="on",
        access_log=False,
        log_config=None,
        timeout_keep_alive=300,
        timeout_graceful_shutdown=30,
    )


if __name__ == "__main__":
    main()

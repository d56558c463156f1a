"""Fills a running system with the demo tenants (`load`), or counts their files (`totals`)."""

import argparse
import sys
from pathlib import Path

from pydantic import ValidationError

from demo.load import load
from demo.sender import Refused
from demo.settings import Settings


def main() -> None:
    """Parse the command line and do what it asks."""
    parser = argparse.ArgumentParser(prog="python -m demo")
    commands = parser.add_subparsers(dest="command", required=True)
    loading = commands.add_parser("load", help="create the demo tenants and send their histories, once")
    loading.add_argument("--gateway", required=True, help="URL of the gateway")
    loading.add_argument(
        "--state", required=True, type=Path, help="file that remembers tenants, keys, progress"
    )
    loading.add_argument(
        "--original-dates", action="store_true", help="do not move the histories to this week"
    )
    counting = commands.add_parser("totals", help="totals by plain SQL over the files, for comparison")
    counting.add_argument(
        "--state", type=Path, help="move dates as this load did; without it, original dates"
    )
    arguments = parser.parse_args()
    if arguments.command == "totals":
        # Only here: DuckDB is a development tool and need not be installed to load.
        from demo.totals import print_totals

        print_totals(arguments.state)
        return
    try:
        operator_key = Settings().operator_key.get_secret_value()
    except ValidationError:
        sys.exit("DEMO_OPERATOR_KEY: set it to the operator key of the installation")
    try:
        load(arguments.gateway, operator_key, arguments.state, arguments.original_dates)
    except Refused as refusal:
        sys.exit(f"demo: {refusal}")


main()

"""Fills a running system with the demo tenants (`load`), counts their files (`totals`), runs a `shop`."""

import argparse
import sys
from pathlib import Path

from pydantic import ValidationError

from demo.load import load
from demo.sender import Refused
from demo.settings import Settings
from demo.state import load_state


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
    opening = commands.add_parser("shop", help="a shop over the gift shop's catalogue, to walk through")
    opening.add_argument("--gateway", required=True, help="URL of the gateway")
    opening.add_argument("--public-gateway", help="the same as browsers see it, when that is another")
    opening.add_argument("--state", required=True, type=Path, help="file of `load`, with the keys")
    opening.add_argument("--memory", required=True, type=Path, help="the shop's own file")
    opening.add_argument("--port", required=True, type=int, help="where it listens on 127.0.0.1")
    opening.add_argument(
        "--leave-carts", action="store_true", help="begin with synthetic carts that members left behind"
    )
    arguments = parser.parse_args()
    if arguments.command == "shop":
        _open_shop(arguments)
        return
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


def _open_shop(arguments: argparse.Namespace) -> None:
    """Serve until asked to end."""
    # Only here: a load needs no web server.
    import uvicorn

    from demo.storefront.app import Place, storefront

    state = load_state(arguments.state)
    tenant = next((one for one in state.tenants if one.key == "gift_shop"), None) if state else None
    if tenant is None:
        sys.exit(f"{arguments.state} has no gift shop; load the demo tenants first: python -m demo load")
    place = Place(
        write_key=tenant.write_key,
        secret_key=tenant.secret_key,
        gateway=arguments.gateway,
        public_gateway=arguments.public_gateway or arguments.gateway,
        memory=arguments.memory,
    )
    shop = storefront(place, leave_carts=arguments.leave_carts)
    # Its access log would name what visitors look at.
    uvicorn.run(shop, host="127.0.0.1", port=arguments.port, log_level="warning", access_log=False)


main()

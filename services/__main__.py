"""`python -m services <service>` runs one; `up` runs all with their engines; `restart` replaces a part."""

import sys
from importlib import import_module

SERVICES = ("gateway", "identity", "insight", "recommender", "campaign")
USAGE = f"""usage: python -m services <service> [--print-config | migrate | job <id> <attempt>]
       python -m services up
       python -m services restart <part>
       python -m services backup <folder>
       python -m services restore <backup> [<folder of erasures>]
services: {", ".join(SERVICES)}
"""


def main(arguments: list[str]) -> None:
    """Each command is imported when asked for: a pod with one service has no engines installed."""
    match arguments:
        case [service, "job", *rest] if service in SERVICES:
            # Without the doors, which take longer to import than many a job takes.
            import_module(f"services.{service}.jobs").main(rest)
        case [service, *rest] if service in SERVICES:
            import_module(f"services.{service}.main").main(rest)
        case ["up", *rest]:
            import_module("engines.up").main(rest)
        case ["restart", *rest]:
            import_module("engines.up").restart(rest)
        case ["backup", *rest]:
            import_module("engines.backup").backup_command(rest)
        case ["restore", *rest]:
            import_module("engines.backup").restore_command(rest)
        case _:
            sys.stderr.write(USAGE)
            sys.exit(2)


if __name__ == "__main__":
    main(sys.argv[1:])

"""Generates proto/gen from proto/contracts; `make proto` calls it, a structure test checks freshness."""

import sys
from pathlib import Path

from grpc_tools import protoc

ROOT = Path(__file__).resolve().parent.parent


def generate(out: Path) -> None:
    """Write the Python modules and their type stubs below `out`."""
    proto = ROOT / "proto"
    files = sorted(str(p.relative_to(proto)) for p in (proto / "contracts").rglob("*.proto"))
    out.mkdir(parents=True, exist_ok=True)
    include = Path(protoc.__file__).parent / "_proto"
    code = protoc.main(  # type: ignore[no-untyped-call]
        [
            "protoc",
            f"-I{proto}",
            f"-I{include}",
            f"--python_out={out}",
            f"--mypy_out={out}",
            f"--grpc_python_out={out}",
            f"--mypy_grpc_out={out}",
            *files,
        ]
    )
    if code:
        sys.exit(code)
    for folder in {p.parent for p in out.rglob("*.py")} | {out / "contracts"}:
        while folder != out:
            (folder / "__init__.py").touch()
            folder = folder.parent


if __name__ == "__main__":
    generate(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "proto" / "gen")

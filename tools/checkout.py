"""Puts this checkout and the generated contracts onto the environment's import path."""

import sysconfig
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

if __name__ == "__main__":
    packages = Path(sysconfig.get_path("purelib"))
    (packages / "checkout.pth").write_text(f"{ROOT}\n{ROOT / 'proto' / 'gen'}\n", "utf-8")

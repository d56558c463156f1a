"""Writes the open API's document, for whoever makes a client of it: `python tools/openapi.py <file>`."""

import json
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import cast

from services.gateway.routes.app import application
from services.gateway.routes.parts import Parts

if __name__ == "__main__":
    # Describing needs none of the parts that answering needs, but for where the pages' files lie.
    settings = SimpleNamespace(documentation_script=Path(), console_folder=Path(), snippet_folder=Path())
    document = application(cast(Parts, SimpleNamespace(settings=settings))).openapi()
    Path(sys.argv[1]).write_text(json.dumps(document, ensure_ascii=False), "utf-8")

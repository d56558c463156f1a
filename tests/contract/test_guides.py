"""The examples of the guides do what the guides say."""

import re
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from services.gateway.domain.verification import Policy, SigningKey, member_outcome, shared_key, signed

GUIDE = (Path(__file__).parents[2] / "docs/guides/consent-and-identity.md").read_text()
SECRET = "a secret of the shop that has more than thirty-two bytes"
TENANT = "11111111-1111-4111-8111-111111111111"


def example(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", GUIDE, re.DOTALL)
    assert found is not None
    return found[1]


def outcome(token: str) -> str:
    keys = [SigningKey("id", "", "", *shared_key(SECRET))]
    policy = Policy(TENANT, "enforce", keys=keys)
    return member_outcome(signed(token, keys), policy, "林小美", time.time_ns() // 1_000_000)


def test_a_shop_signs_tokens_in_python() -> None:
    names: dict[str, Any] = {}
    exec(example("python"), names)
    assert outcome(names["identity_token"](TENANT, "林小美", SECRET)) == "verified"


@pytest.mark.skipif(shutil.which("node") is None, reason="Node is not installed here")
def test_a_shop_signs_tokens_in_node() -> None:
    script = example("js") + f'\nconsole.log(identityToken("{TENANT}", "林小美", "{SECRET}"));'
    run = subprocess.run(["node", "-e", script], capture_output=True, text=True, timeout=30, check=True)
    assert outcome(run.stdout.strip()) == "verified"

"""Who is told which secret of an installation."""

from pathlib import Path

import pytest

from engines.credentials import SERVICES, new_credentials
from engines.laptop import Laptop
from engines.processes import Part, launch

CREDENTIALS = new_credentials()


@pytest.fixture
def laptop(tmp_path: Path) -> Laptop:
    return Laptop(tmp_path, 8400, CREDENTIALS)


def own_secrets(service: str) -> set[str]:
    """What only this service may know."""
    own = {CREDENTIALS.postgres[service], CREDENTIALS.nats[service], CREDENTIALS.signing[service].private}
    if service in CREDENTIALS.clickhouse:
        own.add(CREDENTIALS.clickhouse[service])
    if service == "gateway":
        own |= {CREDENTIALS.operator_key, CREDENTIALS.encryption_key, CREDENTIALS.mail}
    return own


def test_a_service_is_told_its_own_secrets_and_no_others(laptop: Laptop) -> None:
    for service in SERVICES:
        told = "\n".join(laptop.environment(service).values())
        for other in SERVICES:
            known = [secret in told for secret in own_secrets(other)]
            assert all(known) if other == service else not any(known)


def test_no_command_line_holds_a_secret(laptop: Laptop) -> None:
    parts = [*laptop.engines(), *laptop.services(3), laptop.demo(laptop.folder / "demo.json", False)]
    parts.append(laptop.shop(laptop.folder / "demo.json"))
    parts += [laptop.migration(service) for service in SERVICES]
    commands = "\n".join(word for part in parts for word in part.command)
    secrets = set().union(*(own_secrets(service) for service in SERVICES))
    secrets |= set(CREDENTIALS.postgres.values()) | set(CREDENTIALS.nats.values())
    assert not [secret for secret in secrets if secret in commands]


def test_a_secret_in_our_own_environment_reaches_only_the_service_it_is_meant_for(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("GATEWAY_OPERATOR_KEY", "a secret of the gateway")
    told = {}
    for name in ("gateway", "insight", "insight-migrate", "nats"):
        log = tmp_path / name
        launch(Part(name, ["env"], lambda: True), log).wait()
        told[name] = "a secret of the gateway" in log.read_text()
    assert told == {"gateway": True, "insight": False, "insight-migrate": False, "nats": False}

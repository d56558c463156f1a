"""Settings come from the environment, are frozen, and never show a secret."""

import json

import pytest
from pydantic import ValidationError
from pydantic_settings import SettingsConfigDict

from chassis.settings import ServiceSettings, host_and_port, load_settings

TOLD = {
    "LISTEN": "127.0.0.1:7001",
    "ADMIN_LISTEN": "127.0.0.1:7011",
    "DATABASE_URL": "postgresql://test:hidden-one@127.0.0.1/test",
    "BUS_URL": "nats://test:hidden-two@127.0.0.1",
    "SIGNING_KEY": '{"d": "hidden-three"}',
    "TRUSTED_KEYS": '{"gateway": "{}"}',
}


class Settings(ServiceSettings):
    model_config = SettingsConfigDict(env_prefix="TEST_", frozen=True, extra="ignore")


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch) -> Settings:
    for name, value in TOLD.items():
        monkeypatch.setenv(f"TEST_{name}", value)
    return load_settings(Settings)


def test_printed_settings_show_everything_but_secrets(settings: Settings) -> None:
    printed = settings.printable()
    assert "hidden" not in printed
    shown = json.loads(printed)
    assert shown["listen"] == "127.0.0.1:7001"
    assert {shown[name] for name in ("database_url", "bus_url", "signing_key")} == {"**********"}


def test_settings_cannot_be_changed(settings: Settings) -> None:
    with pytest.raises(ValidationError):
        settings.listen = "elsewhere"


def test_what_is_missing_or_wrong_is_named_as_its_variable(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in TOLD.items():
        monkeypatch.setenv(f"TEST_{name}", value)
    monkeypatch.delenv("TEST_LISTEN")
    monkeypatch.setenv("TEST_TRACE_SHARE", "2")
    with pytest.raises(SystemExit) as stopped:
        load_settings(Settings)
    complaint = capsys.readouterr().err
    assert stopped.value.code == 2
    assert "TEST_LISTEN: Field required" in complaint
    assert "TEST_TRACE_SHARE: " in complaint
    assert "hidden" not in complaint


@pytest.mark.parametrize(
    ("address", "parts"),
    [("127.0.0.1:7000", ("127.0.0.1", 7000)), ("[::1]:7000", ("::1", 7000)), (":7000", ("", 7000))],
)
def test_an_address_is_host_and_port(address: str, parts: tuple[str, int]) -> None:
    assert host_and_port(address) == parts

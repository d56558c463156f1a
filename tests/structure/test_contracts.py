"""Settings explain themselves, reasons are unique, generated code is fresh."""

import inspect
import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from chassis.errors import ExpectedError
from chassis.settings import ServiceSettings

ROOT = Path(__file__).parents[2]
SERVICES = ["campaign", "gateway", "identity", "insight", "recommender"]


@pytest.mark.parametrize("service", SERVICES)
def test_every_setting_says_what_it_is_for(service: str) -> None:
    settings: type[ServiceSettings] = import_module(f"services.{service}.settings").Settings
    assert settings.model_config.get("env_prefix") == f"{service.upper()}_"
    assert settings.model_config.get("frozen") is True
    silent = [name for name, field in settings.model_fields.items() if not field.description]
    assert silent == []


def errors_of(module_name: str) -> list[type[ExpectedError]]:
    members = vars(import_module(module_name)).values()
    return [
        member
        for member in members
        if inspect.isclass(member) and issubclass(member, ExpectedError) and member.__module__ == module_name
    ]


@pytest.mark.parametrize("service", SERVICES)
def test_a_reason_means_one_failure_of_a_service(service: str) -> None:
    errors = errors_of(f"services.{service}.errors")
    reasons = [error.reason for error in errors]
    assert len(reasons) == len(set(reasons))
    shared = {error.reason for error in errors_of("chassis.errors")}
    assert not [reason for reason in reasons if reason in shared or reason != reason.upper()]


def test_generated_code_is_fresh(tmp_path: Path) -> None:
    """`make proto` would change nothing."""
    bin_folder = Path(sys.executable).parent
    environment = os.environ | {"PATH": f"{bin_folder}{os.pathsep}{os.environ['PATH']}"}
    subprocess.run([sys.executable, ROOT / "tools/proto.py", tmp_path], check=True, env=environment)

    assert files_of(ROOT / "proto/gen") == files_of(tmp_path)


def files_of(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*.py*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_contracts_are_linted() -> None:
    program = Path(sys.executable).parent / "buf"
    done = subprocess.run([program, "lint"], cwd=ROOT / "proto", capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr

"""A ClickHouse endpoint of a test's own, to be stopped, killed and started again."""

import json
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

import clickhouse_connect

PASSWORDS = {"insight": "first", "recommender": "second"}


class Endpoint:
    """`python -m engines.clickhouse` on a folder; the same port and folder after a restart."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        users = {name: {"password": password, "database": name} for name, password in PASSWORDS.items()}
        (folder / "users.json").write_text(json.dumps(users))
        self._command = [sys.executable, "-m", "engines.clickhouse", "--listen", f"127.0.0.1:{self.port}"]
        self._command += ["--data", str(folder / "data"), "--users", str(folder / "users.json"), *arguments]
        self.process = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(self._command, stderr=subprocess.PIPE)

    def wait_ready(self, seconds: float = 30) -> None:
        deadline = time.monotonic() + seconds
        while True:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/ping", timeout=1)
                return
            except OSError:
                assert self.process.poll() is None, self.process.stderr and self.process.stderr.read()
                assert time.monotonic() < deadline, "not ready in time"
                time.sleep(0.02)

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()

    def restart(self) -> None:
        self.process = self._start()
        self.wait_ready()

    def client(self, user: str = "insight", **options: Any) -> Any:
        options = {"compress": "lz4", "autogenerate_session_id": False, **options}
        return clickhouse_connect.get_client(
            host="127.0.0.1",
            port=self.port,
            username=user,
            password=PASSWORDS[user],
            database=user,
            **options,
        )

    def url(self, user: str = "insight") -> str:
        return f"http://{user}:{PASSWORDS[user]}@127.0.0.1:{self.port}/{user}"

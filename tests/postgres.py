"""A real PostgreSQL server for tests that need one: Debian's, on a free port of this machine."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

PLACES = (Path("/usr/lib/postgresql"), Path("/usr/local/pgsql"))
SECONDS = 60


@dataclass(frozen=True, slots=True)
class Server:
    """Where a server listens, and the password of its owner."""

    port: int
    password: str

    def url(self, database: str = "postgres", user: str = "owner", password: str = "") -> str:
        """The URL of one of its databases."""
        secret = password or self.password
        return f"postgresql://{user}:{secret}@127.0.0.1:{self.port}/{database}"

    def run(self, *statements: str) -> None:
        """Runs statements as the owner."""
        with psycopg.connect(self.url(), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A server of this session's own, with nothing in it; it is gone afterwards."""
    programs = _programs()
    if programs is None:
        pytest.skip("PostgreSQL is missing: apt-get install postgresql")
    if os.geteuid() == 0 and shutil.which("runuser") is None:
        pytest.skip(
            "PostgreSQL does not run as root, and runuser is missing: apt-get install util-linux"
        )
    with tempfile.TemporaryDirectory(prefix="perkbook-postgres-") as name:
        folder = Path(name)
        server = Server(_free_port(), secrets.token_hex(12))
        _make(programs, folder, server)
        process = _start(programs, folder, server)
        try:
            _wait(server, process, folder)
            yield server
        finally:
            process.send_signal(signal.SIGINT)  # the fast way: open connections are closed
            process.wait(SECONDS)


def _programs() -> Path | None:
    """The folder of the newest server's programs."""
    found = [p.parent for place in PLACES for p in place.glob("**/bin/initdb")]
    return max(found, key=lambda p: [int(n) for n in re.findall(r"\d+", str(p))], default=None)


def _free_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


def _as_owner() -> list[str]:
    """What comes before a command so that it does not run as root."""
    return ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []


def _make(programs: Path, folder: Path, server: Server) -> None:
    """The files of a new server."""
    word = folder / "password"
    word.write_text(server.password)
    if os.geteuid() == 0:
        for path in (folder, word):
            shutil.chown(path, "postgres")
    command: list[str | Path] = [
        *_as_owner(), programs / "initdb", "--pgdata", folder / "data", "--username", "owner",
        "--pwfile", word, "--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C",
        "--no-sync",
    ]  # fmt: skip
    subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=SECONDS)


def _start(programs: Path, folder: Path, server: Server) -> subprocess.Popen[bytes]:
    """The server as a process of its own, which writes to a file."""
    with (folder / "log").open("wb") as log:
        options = {
            "listen_addresses": "127.0.0.1", "port": server.port, "fsync": "off",
            "unix_socket_directories": folder, "max_connections": 20,
        }  # fmt: skip
        said = [part for key, value in options.items() for part in ("-c", f"{key}={value}")]
        # A process of the server itself: runuser would not hand on a signal to end.
        who = {"user": "postgres", "group": "postgres"} if os.geteuid() == 0 else {}
        return subprocess.Popen(
            [programs / "postgres", "-D", folder / "data", *said],
            cwd=folder, stdout=log, stderr=log, user=who.get("user"), group=who.get("group"),
        )  # fmt: skip


def _wait(server: Server, process: subprocess.Popen[bytes], folder: Path) -> None:
    """Waits until it answers."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            psycopg.connect(server.url(), connect_timeout=2).close()
            return
        except psycopg.OperationalError:
            time.sleep(0.1)
    raise AssertionError((folder / "log").read_text(encoding="utf-8", errors="replace"))

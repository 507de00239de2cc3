"""Isthmus: a Discord bot that sees pictures and talks about them. Command line.

python bot.py run          gateway and worker in one process
python bot.py worker       worker only, beside a gateway that shares its Postgres
python bot.py playground   a local Discord in the browser, no token, no key
python bot.py check        says what is missing or wrong
python bot.py jobs         what runs and ran: list, show, cancel, retry, export, erase
"""

from __future__ import annotations

import argparse
import gc
import logging
import os
import sys

COMMANDS = ("run", "worker", "playground", "check", "jobs")


def main() -> int:
    """Run the command line."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    # Below WARNING libraries write message texts, tokens and values of SQL into the log.
    level = logging.getLevelNamesMapping().get(os.environ.get("ISTHMUS_LOG", "").strip().upper(), logging.INFO)
    for ours in ("isthmus", "cogs", "services", "playground"):
        logging.getLogger(ours).setLevel(level)
    # Warns of a voice library and of an intent that are left out on purpose.
    for mistaken in ("discord.client", "discord.state"):
        logging.getLogger(mistaken).setLevel(logging.ERROR)
    if sys.argv[1:2] == ["playground"]:
        from playground.command import play

        return play(sys.argv[2:])
    if sys.argv[1:2] == ["jobs"]:
        from services.operating import jobs_command

        return jobs_command.main(sys.argv[2:])
    parser = argparse.ArgumentParser(prog="bot.py", description="Sees pictures and talks about them")
    parser.add_argument("command", nargs="?", default="run", choices=COMMANDS)
    return _serve(parser.parse_args().command)


def _serve(command: str) -> int:
    # What is imported stays until the end: the collector need not look through it, neither meanwhile nor at the
    # end, where that takes seconds.
    gc.disable()
    from cogs import _serving

    gc.freeze()
    gc.enable()
    return _serving.serve(command)


if __name__ == "__main__":
    sys.exit(main())

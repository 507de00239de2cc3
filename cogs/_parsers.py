"""Events that discord.py cannot read: one of them must not end the process, and all jobs with it."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from typing import Any

import discord

log = logging.getLogger(__name__)

_NEEDED = frozenset({"READY"})
"""Without it there is no session to go on with."""

_Parser = Callable[[Any], None]


def pass_over_unreadable_events(client: discord.Client) -> None:
    """Have events logged and passed over that discord.py's own code fails on.

    Discord adds fields, and null where there was none, without notice; what is raised on that ends
    the connection of all shards for good.
    """
    parsers: dict[str, _Parser] = client._connection.parsers  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
    for name, parse in parsers.items():
        if name not in _NEEDED:
            parsers[name] = _guarded(name, parse)


def _guarded(name: str, parse: _Parser) -> _Parser:
    @functools.wraps(parse)
    def guarded(event: Any) -> None:
        try:
            parse(event)
        except Exception:
            log.exception("An event could not be read: %s", name)

    return guarded

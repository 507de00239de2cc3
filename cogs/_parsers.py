"""Events that discord.py cannot read: one of them must not end the process, and all jobs with it."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from typing import Any, cast

import discord
from services.tasks import Tasks

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
            again = _Again(client, parse) if name == "MESSAGE_CREATE" else None
            parsers[name] = _guarded(name, parse, again)


class _Again:
    """Asks for a message by REST whose event could not be read: what broke the event need not be there.

    One at a time: if no event can be read any more, that must not become a flood of requests.
    """

    def __init__(self, client: discord.Client, parse: _Parser) -> None:
        self._client = client
        self._parse = parse
        self._tasks = Tasks()
        self._busy = False

    def begin(self, event: Any) -> None:
        """Ask, unless it is being asked for another one."""
        if not self._busy and isinstance(event, dict) and "id" in event and "channel_id" in event:
            self._busy = True
            self._tasks.start(self._fetch(cast("dict[str, Any]", event)), name="unreadable-message")

    async def _fetch(self, event: dict[str, Any]) -> None:
        try:
            message = await self._client.http.get_message(int(event["channel_id"]), int(event["id"]))
            # REST does not say which server it is.
            self._parse({**message, **{key: event[key] for key in ("guild_id",) if key in event}})
        except Exception as error:  # whatever it is, the message stays passed over
            log.warning("The message could not be read by REST either (%s)", type(error).__name__)
        finally:
            self._busy = False


def _guarded(name: str, parse: _Parser, again: _Again | None) -> _Parser:
    @functools.wraps(parse)
    def guarded(event: Any) -> None:
        try:
            parse(event)
        except Exception:
            log.exception("An event could not be read: %s", name)
            if again is not None:
                again.begin(event)

    return guarded

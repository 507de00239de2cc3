"""What the player can let go wrong, by name: the faults of the local Discord and of the scripted models."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

from playground.discord import Fault, LocalDiscord
from playground.models import ModelFault, ScriptedModels

SLOW_SECONDS = 12.0
FAILING_TRIES = 3
"""A model call is tried so often; one failure less and nobody would notice."""
FAILING_REQUESTS = 3
DELAY_SECONDS = 6.0
_MESSAGES = r"^/channels/\d+/messages"


class Disruptions:
    """Makes the next thing of a kind go wrong, once. Made on the loop that the servers run on.

    Args:
        local: Whose gateway and REST API fail.
        models: Which fail; a bot that speaks to other models is not disturbed by them.
        kill_bot: Lets the bot die as in a power cut.
    """

    def __init__(self, local: LocalDiscord, models: ScriptedModels, kill_bot: Callable[[], None]) -> None:
        self._local = local
        self._models = models
        self._loop = asyncio.get_running_loop()
        self._kinds: Mapping[str, Callable[[], object]] = {
            "next-model-call-fails": self._fail_model,
            "model-slow": lambda: models.fail(ModelFault("", "hang", seconds=SLOW_SECONDS)),
            "model-refuses": lambda: models.fail(ModelFault("", "refusal")),
            "discord-500": self._fail_discord,
            "discord-slow": lambda: local.faults.add(Fault("POST", _MESSAGES, "delay", seconds=DELAY_SECONDS)),
            "gateway-cut": local.drop_gateway,
            "bot-killed": kill_bot,
            "clear": self._clear,
        }

    @property
    def kinds(self) -> tuple[str, ...]:
        """The names, in the order in which they are offered."""
        return tuple(self._kinds)

    def cause(self, kind: str) -> None:
        """Let something go wrong, very soon. May be called from any thread.

        Raises:
            LookupError: There is no such kind.
        """
        if kind not in self._kinds:
            raise LookupError(f"nothing here fails in the way {kind}")
        # Connections belong to the loop that they were made on.
        self._loop.call_soon_threadsafe(self._kinds[kind])

    def _fail_model(self) -> None:
        self._models.fail(ModelFault("", "status", status=500, times=FAILING_TRIES))

    def _fail_discord(self) -> None:
        self._local.faults.add(Fault("POST", _MESSAGES, "status", status=500, times=FAILING_REQUESTS))

    def _clear(self) -> None:
        self._local.faults.clear()
        self._models.faults.clear()

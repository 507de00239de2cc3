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
        self._rules: dict[str, Fault | ModelFault] = {}
        self._kinds: Mapping[str, Callable[[], object]] = {
            "next-model-call-fails": self._fail_model,
            "model-slow": lambda: self._arm_models("model-slow", ModelFault("", "hang", seconds=SLOW_SECONDS)),
            "model-refuses": lambda: self._arm_models("model-refuses", ModelFault("", "refusal")),
            "discord-500": self._fail_discord,
            "discord-slow": self._slow_discord,
            "gateway-cut": local.drop_gateway,
            "bot-killed": kill_bot,
            "clear": self._clear,
        }

    @property
    def kinds(self) -> tuple[str, ...]:
        """The names, in the order in which they are offered."""
        return tuple(self._kinds)

    @property
    def armed(self) -> tuple[str, ...]:
        """The kinds that were asked for and have not struck as often as they shall."""
        return tuple(kind for kind, rule in self._rules.items() if rule.struck < rule.times)

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
        fault = ModelFault("", "status", status=500, times=FAILING_TRIES)
        self._arm_models("next-model-call-fails", fault)

    def _fail_discord(self) -> None:
        fault = Fault("POST", _MESSAGES, "status", status=500, times=FAILING_REQUESTS)
        self._rules["discord-500"] = self._local.faults.add(fault)

    def _slow_discord(self) -> None:
        fault = Fault("POST", _MESSAGES, "delay", seconds=DELAY_SECONDS)
        self._rules["discord-slow"] = self._local.faults.add(fault)

    def _arm_models(self, kind: str, fault: ModelFault) -> None:
        self._models.fail(fault)
        self._rules[kind] = fault

    def _clear(self) -> None:
        self._rules.clear()
        self._local.faults.clear()
        self._models.faults.clear()

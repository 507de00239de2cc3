"""One session of the playground: a local Discord, models, the bot, and how all of it is."""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from services.tasks import Tasks

from playground.bot_process import ROOT, BotProcess
from playground.discord import LocalDiscord
from playground.disruptions import Disruptions
from playground.engines import EngineChoice, environment_for, write_configuration
from playground.models import ScriptedModels
from playground.offline_install import DOWNLOAD_MEGABYTES, INSTALLED_MEGABYTES, InstallError, install
from playground.page import Founded, Page, Providers, found
from playground.samples import samples, speech
from playground.trace import Trace
from playground.voice_notes import to_voice_note

log = logging.getLogger(__name__)

READY_SECONDS = 90.0
SCRIPTED_SECONDS = 0.6
"""How long the scripted models think: long enough to see a card move."""
SENT_URL = "/page/api/sent/"
CALLS_KEPT = 200
"""Of the scripted models; a long session must not keep every picture and sound."""
ENGINE_NOTES = {
    EngineChoice.ONLINE: "Your own model server answers, paid with your key",
    EngineChoice.OFFLINE: "Local models answer; nothing leaves this machine. They cannot draw",
    EngineChoice.SCRIPTED: "Scripted answers: no intelligence, they say what was sent",
}


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line asks for.

    Attributes:
        engine: Which models the bot begins with.
        installs: Install the offline engine's packages in the background and change over to them.
        data: The bot's data folder.
        port: Of the page and the local Discord; 0 takes a free one.
        keeps: The local Discord's world is kept in the data folder, too.
    """

    engine: EngineChoice
    installs: bool
    data: Path
    port: int = 0
    keeps: bool = False


class Session:
    """Everything that runs. Use as an async context manager.

    Attributes:
        local: The local Discord.
        models: The scripted models; they run with every engine, and are asked with one.
        founded: Server, channels and people; there from the start on.
        bot: The bot's process.
        engine: Which models the bot speaks to now.
        note: One sentence about the engine, or about what went wrong with it.
        install: How far the installation of the offline engine is; empty when there is none.
    """

    founded: Founded

    def __init__(self, options: Options) -> None:
        self.options = options
        self.local = LocalDiscord(port=options.port, folder=options.data / "discord" if options.keeps else None)
        # A poor first description leaves the rounds of a refinement something to do.
        self.models = ScriptedModels(latency=SCRIPTED_SECONDS, poor_first_description=True)
        self.bot = BotProcess(self._changed)
        self.engine = options.engine
        self.note = ENGINE_NOTES[options.engine]
        self.install = ""
        self._tasks = Tasks()
        self._stack = contextlib.AsyncExitStack()
        self._disruptions = Disruptions(self.local, self.models, self.bot.kill)
        self.local.mount(Page(self.local, self._providers()))

    async def __aenter__(self) -> Self:
        self.options.data.mkdir(parents=True, exist_ok=True)
        async with contextlib.AsyncExitStack() as stack:
            await stack.enter_async_context(self.local)
            self.founded = found(self.local, self.local.world)
            await stack.enter_async_context(self.models)
            stack.push_async_callback(self.bot.stop)
            stack.push_async_callback(self._tasks.aclose)
            await self._start_bot()
            if self.options.installs:
                self._tasks.start(self._install(), name="installing the offline models")
            self._tasks.start(self._tend(), name="tending the session")
            self._stack = stack.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def until_ready(self) -> bool:
        """Wait until the bot takes work; False when it cannot be started or takes too long."""
        with contextlib.suppress(AssertionError):
            await self.local.wait_for(
                lambda: self.bot.state == "ready" or self._is_stuck(), timeout=READY_SECONDS, what="the bot"
            )
        return self.bot.state == "ready"

    @property
    def address(self) -> str:
        """The address of the page."""
        return f"http://{self.local.cdn_host}/"

    def status(self) -> dict[str, Any]:
        """Return how everything is, as the page shows it."""
        shown = {"ready": "ready", "starting": "starting", "restarting": "starting"}
        return {
            "bot": shown.get(self.bot.state, "down"),
            "restarts": self.bot.restarts,
            "engine": self.engine.value,
            "models": self.note,
            "installing": self.install or None,
            "armed": list(self._disruptions.armed),
            "speaks": speech.is_available(),
        }

    def _providers(self) -> Providers:
        trace = Trace(self.options.data, lambda: tuple(self.models.calls), url=SENT_URL)
        return Providers(
            samples=samples,
            voice_note=to_voice_note,
            trace=trace.of,
            picture=trace.picture,
            fault=self._disruptions.cause,
            faults=self._disruptions.kinds,
            status=self.status,
        )

    async def change_engine(self, engine: EngineChoice, note: str = "") -> None:
        """Start the bot again with other models."""
        await self.bot.stop()
        self.engine, self.note = engine, note or ENGINE_NOTES[engine]
        await self._start_bot()

    async def _start_bot(self) -> None:
        configuration = self.options.data / "playground.toml"
        source = Path(os.environ.get("ISTHMUS_CONFIG") or ROOT / "config.toml")
        write_configuration(self.engine, source, configuration)
        await self.bot.start(self._environment(os.environ, configuration))

    def _environment(self, inherited: Mapping[str, str], configuration: Path) -> dict[str, str]:
        return {
            **environment_for(self.engine, inherited=inherited, scripted=self.models.environment()),
            **self.local.environment(),
            "ISTHMUS_CONFIG": str(configuration),
            "ISTHMUS_DATA_DIR": str(self.options.data),
            "ISTHMUS_DATABASE_URL": "",
            "ISTHMUS_METRICS_PORT": inherited.get("ISTHMUS_METRICS_PORT") or "0",
            "ISTHMUS_LOG": inherited.get("ISTHMUS_LOG") or "WARNING",
        }

    def _is_stuck(self) -> bool:
        return self.bot.state == "misconfigured" and self.engine is not EngineChoice.OFFLINE

    async def _tend(self) -> None:
        """Forget old calls, and change over to the scripted models when the offline engine cannot start."""
        while True:
            del self.models.calls[:-CALLS_KEPT]
            if self.bot.state == "misconfigured" and self.engine is EngineChoice.OFFLINE:
                note = "The offline engine could not start (see the terminal); the answers are scripted."
                await self.change_engine(EngineChoice.SCRIPTED, note)
            await self.local.world.next_change()

    async def _install(self) -> None:
        def tell(progress: str) -> None:
            self.install = progress
            self._changed()

        log.warning(
            "Installing the offline models in the background: %d MB to download, %d MB on the disk",
            *(DOWNLOAD_MEGABYTES, INSTALLED_MEGABYTES),
        )
        try:
            await install(tell)
        except InstallError as error:
            self.note = f"{error} The answers stay scripted."
            log.warning("%s", self.note)
        else:
            log.warning("The offline models are installed; the bot starts again with them")
            await self.change_engine(EngineChoice.OFFLINE)
        tell("")

    def _changed(self) -> None:
        self.local.world.changed()

"""`bot.py playground`: a local Discord, a scripted model server and the bot, with a small command line."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shlex
import sys
import tempfile
from pathlib import Path

from playground.discord import File, LocalDiscord
from playground.discord.state import Channel, Message, User
from playground.models import ScriptedModels

ROOT = Path(__file__).parent.parent
HELP = """\
  post FILE [FILE ...] [-- TEXT]   post files in the channel, with a question if you like
  say TEXT                         say something in the newest thread
  press LABEL                      press a button of the bot's newest message there
  help, quit"""


def play() -> int:
    """Run until the player leaves."""
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_play())
    return 0


async def _play() -> None:
    with tempfile.TemporaryDirectory(prefix="isthmus-playground-") as folder:
        async with LocalDiscord() as local, ScriptedModels(latency=0.5) as models:
            environment = {
                **os.environ,
                **local.environment(),
                **models.environment(),
                "ISTHMUS_DATA_DIR": folder,
                "ISTHMUS_LOG": os.environ.get("ISTHMUS_LOG", "WARNING"),
            }
            player = local.add_user("you")
            guild = local.add_guild("Playground")
            local.join(guild, player)
            channel = local.add_channel(guild, "pictures")
            bot = await asyncio.create_subprocess_exec(
                sys.executable, "bot.py", "run", cwd=ROOT, env=environment, stdin=asyncio.subprocess.DEVNULL
            )
            try:
                await local.wait_for(lambda: local.world.commands and local.gateway.sessions, timeout=60)
                _say("The playground is ready. The models are scripted: they say what they were sent.")
                _say(HELP)
                await Table(local, player, channel).run()
            finally:
                bot.terminate()
                await bot.wait()


class Table:
    """The player's side: reads commands, shows what happens in the newest thread."""

    def __init__(self, local: LocalDiscord, player: User, channel: Channel) -> None:
        self._local = local
        self._player = player
        self._channel = channel
        self._shown: dict[int, str] = {}

    async def run(self) -> None:
        """Read commands until the end of input; show changes meanwhile."""
        reading = asyncio.ensure_future(_read_line())
        changing = asyncio.ensure_future(self._local.world.next_change())
        while True:
            await asyncio.wait({reading, changing}, return_when=asyncio.FIRST_COMPLETED)
            if changing.done():
                self._show()
                changing = asyncio.ensure_future(self._local.world.next_change())
            if reading.done():
                line = reading.result()
                if not line or line.strip() == "quit":
                    break
                await self._obey(line.strip())
                reading = asyncio.ensure_future(_read_line())
        changing.cancel()

    async def _obey(self, line: str) -> None:
        command, _, rest = line.partition(" ")
        try:
            match command:
                case "post":
                    await self._post(rest)
                case "say" if (thread := self._newest_thread()) is not None:
                    await self._local.post(self._player, thread, rest)
                case "press":
                    await self._press(rest)
                case "":
                    pass
                case _:
                    _say(HELP)
        except (OSError, LookupError, ValueError) as error:
            _say(f"  that did not work: {error}")

    async def _post(self, rest: str) -> None:
        names, _, text = rest.partition(" -- ")
        paths = [Path(name) for name in shlex.split(names)]
        files = [File(path.name, await asyncio.to_thread(path.read_bytes)) for path in paths]
        await self._local.post(self._player, self._channel, text, files)

    async def _press(self, label: str) -> None:
        thread = self._newest_thread()
        posted: list[Message] = self._local.messages(thread) if thread else []
        for message in reversed(posted):
            for row in message.components:
                for button in row.get("components", []):
                    if button.get("label", "").lower() == label.lower():
                        await self._local.press(self._player, message, button["custom_id"])
                        return
        raise LookupError(f"there is no button {label!r}")

    def _newest_thread(self) -> Channel | None:
        threads = [each for each in self._local.world.channels.values() if each.parent_id == self._channel.id]
        return max(threads, key=lambda each: each.id, default=None)

    def _show(self) -> None:
        thread = self._newest_thread()
        for place in (self._channel, *((thread,) if thread else ())):
            for message in self._local.messages(place):
                labels = [
                    f"[{each['label']}]"
                    for row in message.components
                    for each in row.get("components", [])
                    if each.get("label")
                ]
                text = " ".join([message.text, *labels])
                if message.author.bot and self._shown.get(message.id) != text:
                    self._shown[message.id] = text
                    _say(f"\n# {place.name} - {message.author.name}:\n{text}")


async def _read_line() -> str:
    return await asyncio.to_thread(sys.stdin.readline)


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()

"""Media through decoding in limited children, and a post through the bot, with the run-time packages only.

python -m tests.smoke
"""

from __future__ import annotations

import asyncio
import hashlib
import io
import sys
import tempfile
from pathlib import Path

from PIL import Image

from playground.discord import File, LocalDiscord
from playground.discord.state import Message
from playground.models import ScriptedModels
from services.container import DECODERS
from services.media.cache import MediaCache
from services.media.fetch import Fetched
from services.media.sandbox import Sandbox
from services.media.sniff import HEAD_BYTES
from services.media.sound_reader import SoundReader
from services.media.video_reader import VideoReader
from tests.bots import LIMIT_SECONDS, running_bot
from tests.films import film, slide
from tests.sounds import chords


async def main() -> None:
    """Decode a JPEG, a HEIC, an animation, and a video with its sound; then answer a post."""
    import pillow_heif

    pillow_heif.register_heif_opener()
    sandbox = Sandbox(children=1, memory_bytes=1_610_612_736, wall_seconds=60, preload=DECODERS)
    await sandbox.start()
    with tempfile.TemporaryDirectory() as folder:
        await decode_pictures(sandbox, Path(folder))
        await decode_video(sandbox, Path(folder))
    await sandbox.aclose()
    with tempfile.TemporaryDirectory() as folder:
        await answer_a_post(Path(folder))
    sys.stdout.write(f"Smoke passed on Python {sys.version.split()[0]}\n")


async def decode_pictures(sandbox: Sandbox, folder: Path) -> None:
    """Decode two pictures and an animation."""
    frames = [Image.new("RGB", (320, 200), colour) for colour in ("red", "green", "blue")]
    for name, decoder in (("a.jpg", "JPEG"), ("b.heic", "HEIF"), ("c.gif", "GIF")):
        path = folder / name
        if decoder == "GIF":
            frames[0].save(path, save_all=True, append_images=frames[1:], duration=100)
        else:
            frames[0].save(path)
        options = {"decoder": decoder, "max_pixels": 1_000_000, "long_side": 256, "moments": 3}
        result = await sandbox.run("services.media.images:decode", path, options)
        expected = 3 if decoder == "GIF" else 1
        assert len(result.payloads) == expected, (name, result.facts)


async def decode_video(sandbox: Sandbox, folder: Path) -> None:
    """Choose frames of a video and cut its sound."""
    data = film([(slide("One"), 2.0), (slide("Two", "and more"), 2.0)], chords(4.0, -20.0))
    path = folder / "in.bin"
    path.write_bytes(data)
    file = Fetched(path, len(data), hashlib.sha256(data).hexdigest(), data[:HEAD_BYTES])
    cache = MediaCache(folder / "cache", max_bytes=100_000_000)
    video = await VideoReader(sandbox=sandbox, cache=cache).prepare(file)
    sound = await SoundReader(sandbox=sandbox, cache=cache).prepare(file)
    assert len(video.frames) >= 2, video
    assert abs(sound.seconds - 4.0) < 0.2, sound


async def answer_a_post(folder: Path) -> None:
    """Run the bot on a database of its own, and have it describe a picture in a thread."""
    data = io.BytesIO()
    Image.new("RGB", (320, 200), "red").save(data, "PNG")
    async with (
        LocalDiscord() as local,
        ScriptedModels() as models,
        running_bot(local, models, folder, fresh=True),
    ):
        ana, guild = local.add_user("ana"), local.add_guild("Harbour")
        local.join(guild, ana)
        channel = local.add_channel(guild, "photos")
        post = await local.post(ana, channel, files=[File("red.png", data.getvalue())])
        async with asyncio.timeout(LIMIT_SECONDS):
            while not _is_answered(local, post):
                await asyncio.sleep(0.1)


def _is_answered(local: LocalDiscord, post: Message) -> bool:
    thread = local.thread_of(post)
    cards = local.messages(thread) if thread else []
    return bool(cards) and not any(":stop:" in each for card in cards for each in card.custom_ids())


if __name__ == "__main__":
    asyncio.run(main())

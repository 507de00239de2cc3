"""Takes pictures of the page: `python -m tests.playground.screenshots FOLDER`."""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from playground.discord import LocalDiscord
from playground.page import Page, Providers, found
from tests.pictures import encoded, photo
from tests.playground.bot_client import BotClient
from tests.playground.chromium import Chromium, Tab, running
from tests.playground.scene import Scene, play

_LOADED = """[...document.images]
  .filter((each) => each.offsetParent && each.getBoundingClientRect().top < innerHeight)
  .every((each) => each.complete)"""
_AT_REST = """Promise.allSettled(document.getAnimations()
  .filter((each) => each.effect.getTiming().iterations === 1)
  .map((each) => each.finished))"""


@dataclass(frozen=True, slots=True)
class _Sample:
    name: str
    data: bytes
    shows: str


def trace(_: str) -> dict[str, Any]:
    """Return a job as the panel shows it."""
    began = time.time() - 5
    return {
        "job": "1443012345678901234",
        "state": "done",
        "steps": [
            {"name": "fetch the picture", "started": began, "seconds": 0.21},
            {"name": "decode and measure", "started": began + 0.21, "seconds": 0.34},
            {"name": "describe", "started": began + 0.6, "seconds": 2.1},
            {"name": "post the answer", "started": began + 2.7, "seconds": 0.18},
        ],
        "calls": [
            {
                "role": "describe",
                "model": "gpt-vision",
                "started": began + 0.6,
                "seconds": 2.1,
                "tokens_in": 1032,
                "tokens_out": 188,
                "usd": 0.0021,
                "sent": [{"kind": "image", "url": "/page/api/sent/seen.jpg"}],
                "said": "Describe what you see.",
                "answered": '{"title": "A cup of coffee", "text": "A cup of black coffee on a saucer."}',
            }
        ],
        "total_usd": 0.0021,
    }


def providers() -> Providers:
    """Return what the page shows beside the chat."""
    coffee = encoded(photo("coffee"))
    samples = [
        _Sample("breakfast.jpg", coffee, "Photo: a cup of coffee"),
        _Sample("cat.jpg", encoded(photo("chelsea")), "Photo: a cat"),
        _Sample("tide.ogg", b"", "Voice: when the boat leaves"),
        _Sample("waves.mp4", b"", "Video: two seconds of waves"),
    ]
    return Providers(
        samples=lambda: samples,
        trace=trace,
        picture=lambda _: (coffee, "image/jpeg"),
        faults=("next-model-call-fails", "model-slow", "gateway-cut", "discord-500", "clear"),
        status=lambda: {"bot": "ready", "models": "Scripted models", "installing": None},
    )


async def main(folder: Path) -> None:
    """Play the scene and take the pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    local = LocalDiscord()
    local.mount(Page(local, providers()))
    async with local, aiohttp.ClientSession() as session:
        founded = found(local, local.world)
        scene = await play(local, founded, BotClient(local, session))
        with (
            tempfile.TemporaryDirectory(prefix="screenshots-", ignore_cleanup_errors=True) as profile,
            running(Path(profile)) as address,
        ):
            async with Chromium(address) as browser:
                await _take(browser, local, scene, folder)


async def _take(browser: Chromium, local: LocalDiscord, scene: Scene, folder: Path) -> None:
    address = f"http://{local.cdn_host}/?user=ana"
    wide = await browser.tab(address)
    await _settled(wide)
    for theme in ("light", "dark"):
        await wide.call(
            "Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": theme}]
        )
        await _shoot(wide, folder / f"channel-{theme}.png")
        await wide.click(f'[data-go="{scene.picture_thread.id}"]')
        await _settled(wide, ".pane.thread .container")
        await _shoot(wide, folder / f"thread-{theme}.png")
        await wide.click(f'[data-go="{scene.voice_thread.parent_id}"]')
        await _settled(wide, ".player.voice")
        await _shoot(wide, folder / f"voice-{theme}.png")
        await wide.click('[aria-label="What happened"]')
        await _settled(wide, ".call")
        await wide.click(".call summary")
        await _shoot(wide, folder / f"panel-{theme}.png")
        await wide.click('.panel [aria-label="Close"]')
        await wide.click(f'[data-go="{scene.picture_thread.parent_id}"]')
        await _settled(wide, ".thread-link")
    await wide.click(".composer .write")
    await wide.write("/")
    await _settled(wide, ".pick")
    await _shoot(wide, folder / "picker.png")
    await wide.press("Enter")
    await _settled(wide, ".command-line .option")
    await _shoot(wide, folder / "command.png")
    phone = await browser.tab(address, width=390, height=844, scale=2)
    await _settled(phone)
    await _shoot(phone, folder / "phone-channel.png")
    await phone.click('button[aria-label="Channels"]')
    await _shoot(phone, folder / "phone-drawer.png")
    await phone.click(f'[data-go="{scene.picture_thread.id}"]')
    await _settled(phone, ".pane.thread .container")
    await _shoot(phone, folder / "phone-thread.png")
    for problem in wide.problems + phone.problems:
        sys.stderr.write(f"problem: {problem}\n")


async def _settled(tab: Tab, selector: str = ".message") -> None:
    await tab.until(f"document.querySelector({selector!r})?.offsetParent")


async def _shoot(tab: Tab, path: Path) -> None:
    await tab.until(_LOADED)
    await tab.value(_AT_REST)
    await tab.screenshot(path)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))

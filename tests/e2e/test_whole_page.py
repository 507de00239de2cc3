"""A newcomer's first minutes: the page in a real browser, the bot behind it, local models, no key."""

from __future__ import annotations

import json
import wave
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import pytest

from tests.e2e.test_playground import Visitor, playground
from tests.films import film
from tests.films import slide as film_slide
from tests.pictures import encoded, photo
from tests.playground.chromium import Chromium, Tab, program, running
from tests.services.ai.offline.recordings import RATE, SPEECH, speech
from tests.services.ai.offline.test_vision import SLIDE, slide
from tests.sounds import RATE as SOUND_RATE
from tests.sounds import speech as waves
from tests.word_errors import errors, words

pytestmark = [
    pytest.mark.timeout(900),  # real models and a real browser, perhaps beside other work
    pytest.mark.skipif(
        program() is None,
        reason="CHROMIUM IS NOT INSTALLED: the whole page is NOT tested (apt-get install chromium)",
    ),
]
AMPLE_SECONDS = 150.0
THREAD = "document.querySelector('.pane.thread')?.innerText ?? ''"


@asynccontextmanager
async def browsing(folder: Path, visitor: Visitor, *flags: str) -> AsyncGenerator[Tab]:
    """Open the playground's page in a browser."""
    with running(folder / "profile", *flags) as address:
        async with Chromium(address) as browser:
            tab = await browser.tab(visitor.url, width=1280, height=900)
            await tab.until("document.querySelector('.welcome, .message')")
            yield tab
            assert not tab.problems
            assert all(each.startswith((visitor.url, "blob:", "data:")) for each in tab.requested)


async def thread_says(tab: Tab, name: str, text: str) -> str:
    """Open the thread of this name and wait until it says this; return all that it says."""
    link = f"[...document.querySelectorAll('[data-go]')].find((each) => each.textContent.includes('{name}'))"
    await tab.until(link, seconds=60)
    await tab.value(f"{link}.click()")
    await tab.until(f"({THREAD}).includes({json.dumps(text)})", seconds=AMPLE_SECONDS)
    return await tab.value(THREAD)


async def drop(tab: Tab, *paths: Path) -> None:
    """Attach files with the real file input and send them."""
    await tab.choose_files(".composer .file-input", *paths)
    await tab.click(".composer .send")


async def test_newcomer_posts_a_slide_a_voice_note_and_a_video(tmp_path: Path) -> None:
    """One visit, since local models and a browser take long to start; each post has its own thread."""
    heard = tmp_path / "microphone.wav"
    with wave.open(str(heard), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        # The browser begins to play when the microphone is opened, and again from the start at its end.
        file.writeframes(np.concatenate([speech("beckett"), np.zeros(RATE * 60, np.int16)]).tobytes())
    flag = f"--use-file-for-fake-audio-capture={heard}%noloop"
    async with (
        playground(tmp_path, engine="--no-install") as visitor,
        browsing(tmp_path, visitor, flag) as tab,
    ):
        await slide_gets_its_words_and_facts(tab, tmp_path / "slide.png")
        await recorded_voice_note_gets_its_transcript(tab)
        await video_gets_timed_moments(tab, tmp_path / "talk.mp4")


async def slide_gets_its_words_and_facts(tab: Tab, path: Path) -> None:
    """What is written in a picture, and what was measured of it, stand in its thread."""
    path.write_bytes(encoded(slide(), "PNG"))
    await drop(tab, path)
    said = await thread_says(tab, "slide.png", "without a model server")
    assert all(line in said for line in SLIDE)
    assert "1280 × 720" in said


async def recorded_voice_note_gets_its_transcript(tab: Tab) -> None:
    """What the microphone hears is a voice note, and its words stand in the thread."""
    await tab.click('[aria-label="Record a voice note"]')
    await tab.until("(document.querySelector('.recording')?.innerText ?? '').includes('0:11')", seconds=60)
    await tab.click('[aria-label="Send the voice note"]')
    said = await thread_says(tab, "voice-message", "Transcript")
    spoken = words(SPEECH["beckett"])
    got = words(said.split("Transcript", 1)[1])
    assert errors(spoken, [word for word in got if word in spoken]) <= 1


async def video_gets_timed_moments(tab: Tab, path: Path) -> None:
    """Slides and speech of a video come out with their times and a contact sheet."""
    shots = [(film_slide("Quarterly report", "Revenue grew by twelve percent"), 11.0), (photo("coffee"), 11.0)]
    path.write_bytes(film(shots, waves()[: 22 * SOUND_RATE]))
    await drop(tab, path)
    said = await thread_says(tab, "talk.mp4", "talk.srt")
    assert "Revenue grew by twelve percent" in said
    assert "it was the worst of times" in said
    assert "0:22" in said

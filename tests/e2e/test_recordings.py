"""Voice notes and videos are heard, watched and summed up in the thread."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from playground.discord import File
from playground.discord.state import Message
from tests import hearing, reading
from tests.bots import running_bot
from tests.e2e.conftest import Town, founded
from tests.films import film, slide
from tests.pictures import encoded as encoded_picture
from tests.pictures import photo
from tests.sounds import RATE, encoded, silence, speech
from tests.videos import marked, turn, video

pytestmark = pytest.mark.asyncio(loop_scope="module")
PROSE = "it was the best of times"


@pytest.fixture
def town(quarter: Town) -> Town:
    return quarter


@pytest.fixture
def listening(town: Town) -> Town:
    """The town, whose models hear real speech and read real writing."""
    town.models.abilities = replace(town.models.abilities, hearing=hearing.hear, reading=reading.read)
    return town


def files_of(message: Message) -> dict[str, bytes]:
    """Return what is attached to a message."""
    return {each.filename: each.file.data for each in message.attachments}


def cues(srt: str) -> list[tuple[float, float, str]]:
    """Read SubRip strictly."""
    found: list[tuple[float, float, str]] = []
    for number, block in enumerate(srt.strip().split("\n\n"), 1):
        index, times, *text = block.split("\n")
        assert index == str(number)
        match = re.fullmatch(r"(\d\d):(\d\d):(\d\d),(\d{3}) --> (\d\d):(\d\d):(\d\d),(\d{3})", times)
        assert match, times
        h, m, s, ms, h2, m2, s2, ms2 = map(int, match.groups())
        found.append(
            (h * 3600 + m * 60 + s + ms / 1000, h2 * 3600 + m2 * 60 + s2 + ms2 / 1000, "\n".join(text))
        )
    assert all(start < end for start, end, _ in found)
    assert all(first[1] <= second[0] for first, second in pairwise(found))
    return found


async def test_voice_note_is_written_down(listening: Town) -> None:
    """A voice note with flag, length and waveform gets every word of it in the thread, with times."""
    town = listening
    note = File("voice-message.ogg", encoded(speech()))
    post = await town.local.post(town.ana, town.channel, files=[note], voice=True)
    messages = await town.settled(post)

    text = " ".join(message.text for message in messages)
    assert PROSE in text.lower()
    assert "superlative degree of comparison" in text
    assert "0:00" in text
    assert [call.path for call in town.models.calls] == ["/v1/audio/transcriptions"] * 2
    heard = [call.sounds[0] for call in town.models.calls]
    assert all(each.seconds <= 30.5 for each in heard)


async def test_video_is_heard_and_watched(listening: Town) -> None:
    """Words of the speech, the text of each slide, a contact sheet and subtitles that fit the clock."""
    town = listening
    shots = [
        (slide("Quarterly report", "Revenue grew by twelve percent"), 7.0),
        (photo("chelsea"), 5.0),
        (slide("Next steps", "Hire two engineers", "Move the launch to May"), 8.0),
        (photo("coffee"), 5.0),
    ]
    words = speech()[: 25 * RATE]
    post = await town.local.post(town.ana, town.channel, files=[File("talk.mp4", film(shots, words))])
    messages = await town.settled(post)
    card, button = await town.card_with(post, ":text:")
    press = await town.local.press(town.ana, card, button)
    told = await town.local.wait_for(
        lambda: town.local.world.channels[card.channel_id].messages.get(press.response_id or 0)
    )

    timeline = json.loads(files_of(told)["timeline.json"])
    assert timeline["seconds"] == pytest.approx(25, abs=1)
    assert PROSE in timeline["segments"][0]["text"].lower()
    assert "Quarterly report" in timeline["moments"][0]["visible_text"]
    text = " ".join(message.text for message in messages)
    assert "Quarterly report" in text
    assert "Next steps" in text
    assert "Hire two engineers" in text
    attached = {name: data for message in messages for name, data in files_of(message).items()}
    assert set(attached) == {"talk-frames.jpg", "talk.txt", "talk.srt", "talk.vtt"}
    assert PROSE in attached["talk.txt"].decode().lower()
    subtitles = cues(attached["talk.srt"].decode())
    assert PROSE in subtitles[0][2].lower()
    assert subtitles[0][0] < 2
    assert subtitles[-1][1] == pytest.approx(25, abs=1)
    assert attached["talk.vtt"].startswith(b"WEBVTT\n")
    [sheet] = [each for message in messages for each in message.attachments if each.filename.endswith(".jpg")]
    assert "Contact sheet of talk.mp4" in (sheet.alt or "")


async def test_silence_says_so(listening: Town) -> None:
    """Nothing is sent to a model, and nothing is made up."""
    town = listening
    post = await town.local.post(town.ana, town.channel, files=[File("quiet.ogg", encoded(silence(5)))])
    [answer] = await town.settled(post)

    assert "Nothing is said in it" in answer.text
    assert not town.models.calls


async def test_mixed_post_has_one_outcome_each_in_order(listening: Town) -> None:
    """A picture, a recording and a broken video: one thread, one line each, in order."""
    town = listening
    files = [
        File("cat.png", encoded_picture(photo("chelsea", marker=5), "PNG")),
        File("note.ogg", encoded(speech("beckett"))),
        File("clip.mp4", film([(slide("Lost"), 2.0)], None)[:300]),
    ]
    post = await town.local.post(town.ana, town.channel, files=files)
    messages = await town.settled(post)

    text = "\n".join(message.text for message in messages)
    assert text.index("MARKER 5") < text.index("Ever tried") < text.index("⚠️ **3. `clip.mp4`**")


def kinds(folder: Path) -> list[File]:
    """Return videos as telephones, browsers, cameras and broken uploads make them, by what becomes of them."""
    shots = marked([(0, 0.8), (1, 0.8)], fps=10)
    half = marked([(2, 0.5)], fps=10)
    deep = {"color_trc": 16, "color_primaries": 9, "colorspace": 9}
    made = {
        "short.mp4": video(folder / "short.mp4", half, fps=10),
        "turned.mov": turn(video(folder / "turned.mov", shots, fps=10), 90),
        "live.webm": video(
            folder / "live.webm",
            shots,
            codec="libvpx",
            options={"deadline": "realtime", "cpu-used": "8"},
            fps=10,
            muxing={"live": "1"},
        ),
        "deep.mp4": video(
            folder / "deep.mp4", half, codec="libx265", pixels="yuv420p10le", fps=10, colour=deep
        ),
        "uneven.mkv": video(folder / "uneven.mkv", [shots[0], shots[3], shots[9], shots[15]]),
        "broken-off.mp4": video(folder / "broken-off.mp4", shots, fps=10, faststart=True),
        "headless.mp4": video(folder / "headless.mp4", shots, fps=10),
    }
    files = {name: path.read_bytes() for name, path in made.items()}
    files["broken-off.mp4"] = files["broken-off.mp4"][: len(files["broken-off.mp4"]) * 3 // 4]
    files["headless.mp4"] = files["headless.mp4"][: files["headless.mp4"].index(b"moov") - 4]
    files["heard.mp4"] = encoded(speech("beckett"), container="mp4", codec="aac")
    return [File(name, data) for name, data in files.items()]


async def test_every_kind_of_video_has_its_outcome(town: Town, tmp_path: Path) -> None:
    """What can be watched is, a sound in a video's clothes is heard, and what cannot be read says so."""
    town.models.abilities = replace(town.models.abilities, hearing=hearing.hear)
    post = await town.local.post(town.ana, town.channel, files=kinds(tmp_path))
    await town.settled(post)
    # It is more than one message holds; the last of them ends it.
    thread = town.local.thread_of(post)
    assert thread is not None
    marks = [f"🎬 {number}." for number in range(1, 7)] + ["⚠️ **7. `headless.mp4`**", "🎙️ 8."]
    messages = await town.local.wait_for(
        lambda: (said := town.local.messages(thread)) and marks[-1] in said[-1].text and said,
        what=marks[-1],
    )

    text = "\n".join(message.text for message in messages)
    assert all(mark in text for mark in marks), text
    assert sorted(marks, key=text.find) == marks
    assert "Ever tried" in text
    assert any(name == "short-frames.jpg" for message in messages for name in files_of(message))


async def test_long_recording_is_estimated_first(tmp_path: Path) -> None:
    """Nothing is paid before the asker says Go; a double click reads it once."""
    config = tmp_path / "config.toml"
    config.write_text("[limits]\nask_from_seconds = 20\n")
    environment = {"ISTHMUS_CONFIG": str(config)}
    async with (
        founded(tmp_path) as town,
        running_bot(town.local, town.models, tmp_path, environment=environment),
    ):
        post = await town.local.post(town.ana, town.channel, files=[File("long.ogg", encoded(speech()))])
        await town.settled(post)
        assert not town.models.calls
        card, go = await town.card_with(post, ":go:")
        assert "0:44" in card.text
        await town.local.press(town.ana, card, go)
        await town.local.press(town.ana, card, go)
        await town.local.wait_for(lambda: len(town.models.calls) >= 2, what="calls")
        messages = await town.settled(post)

    text = "\n".join(message.text for message in messages)
    assert "heard" in text
    assert len({call.sounds[0].seconds for call in town.models.calls}) == len(town.models.calls)


async def test_same_recording_links_to_its_first_transcript(town: Town) -> None:
    """Who posts it again gets the link, and no call is made."""
    data = encoded(speech("beckett"))
    first = await town.local.post(town.ana, town.channel, files=[File("a.ogg", data)])
    [answer] = await town.settled(first)
    second = await town.local.post(town.ben, town.channel, files=[File("b.ogg", data)])
    [again] = await town.settled(second)

    assert f"/{answer.channel_id}/{answer.id}" in again.text
    assert len(town.models.calls) == 1


def talk() -> File:
    """Return a video of two slides with 44 seconds of speech."""
    shots = [(slide("Quarterly report", "Revenue"), 22.0), (slide("Next steps", "Hire two engineers"), 22.4)]
    return File("talk.mp4", film(shots, speech()))


async def test_stop_ends_a_video_within_one_call(town: Town) -> None:
    """After Stop no further call is begun, and the card says who stopped it."""
    town.models.latency = 5.0
    post = await town.local.post(town.ana, town.channel, files=[talk()])
    await town.local.wait_for(lambda: len(town.models.calls) >= 2, what="calls under way")
    card, stop = await town.card_with(post, ":stop:")
    await town.local.press(town.ana, card, stop)
    [answer] = await town.settled(post)
    under_way = len(town.models.calls)
    town.models.latency = 0.0
    later = await town.local.post(
        town.ana, town.channel, files=[File("b.png", encoded_picture(photo(), "PNG"))]
    )
    await town.settled(later)

    assert "Stopped by" in answer.text
    assert len(town.models.calls) == under_way + 1, "the later picture made one call, the stopped video none"

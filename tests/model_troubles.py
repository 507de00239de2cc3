"""Lets a share of all model calls fail, in every way in which model servers fail, under mixed jobs."""

from __future__ import annotations

import random
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from sqlite3 import connect

from playground.discord.state import Message
from playground.models import ModelCall, ModelFault
from playground.models.faults import SPOKEN, STREAMED
from tests.bots import LIMIT_SECONDS
from tests.e2e.conftest import Town
from tests.job_kinds import ALBUM_PICTURES, LOOK, QUESTION, picture, short_voice_note, video
from tests.killing import cards

EVER = 10**9
WAVE_JOBS = 10
"""Jobs that are asked for at once."""
PASSING = (
    ModelFault("", "status", status=500, times=EVER),
    ModelFault("", "status", status=503, code="slow_down", times=EVER),
    ModelFault("", "status", status=503, code="server_is_overloaded", times=EVER),
    ModelFault("", "status", status=429, code="rate_limit_exceeded", times=EVER),
    ModelFault("", "html", status=502, times=EVER),
    ModelFault("", "html", status=200, times=EVER),
    ModelFault("", "garbage", times=EVER),
    ModelFault("", "reset", times=EVER),
    ModelFault("", "reset_in_body", times=EVER),
    ModelFault("", "trickle", seconds=0.01, times=EVER),
    ModelFault("", "hang", seconds=0.5, times=EVER),
    ModelFault("", "broken_stream", times=EVER),
    ModelFault("", "short_stream", times=EVER),
    ModelFault("", "stream_error", times=EVER),
    ModelFault("", "refusal", times=EVER),
    ModelFault("", "truncated", times=EVER),
    ModelFault("", "reasoning_only", times=EVER),
    ModelFault("", "content_filter", times=EVER),
    ModelFault("", "empty", times=EVER),
    ModelFault("", "failed", code="server_error", times=EVER),
    ModelFault("", "failed", code="rate_limit_exceeded", times=EVER),
    ModelFault("", "failed", code="image_content_policy_violation", times=EVER),
    ModelFault("", "failed", code="invalid_prompt", times=EVER),
    ModelFault("", "failed", code="image_parse_error", times=EVER),
    ModelFault("", "status", status=400, code="moderation_blocked", times=EVER),
    ModelFault("", "status", status=400, code="context_length_exceeded", times=EVER),
    ModelFault("", "status", status=451, code="", times=EVER),
)
UNPAID = (
    ModelFault("", "status", status=429, code="insufficient_quota", times=EVER),
    ModelFault("", "status", status=429, code="credit_balance_exhausted", times=EVER),
    ModelFault("", "status", status=401, code="invalid_api_key", times=EVER),
    ModelFault("", "status", status=403, code="", times=EVER),
    ModelFault("", "status", status=404, code="model_not_found", times=EVER),
)
"""After these an account's paid work pauses, or a role's owner is told; they come last."""


@dataclass
class Weather:
    """Decides by its seed which calls fail, and how.

    Attributes:
        share: Of the calls that fail, 0 to 1.
        unpaid: Whether they fail for want of credit or access.
        struck: How often each fault has struck.
    """

    town: Town
    seed: str
    share: float = 0.2
    unpaid: bool = False
    struck: Counter[str] = field(default_factory=Counter[str])

    def begin(self) -> None:
        """Let it begin."""
        for fault in (*PASSING, *UNPAID):
            self.town.models.fail(
                ModelFault(
                    fault.path,
                    fault.action,
                    status=fault.status,
                    code=fault.code,
                    seconds=fault.seconds,
                    times=fault.times,
                    when=partial(self._is_struck_by, fault),
                )
            )

    def _is_struck_by(self, fault: ModelFault, call: ModelCall) -> bool:
        chance = random.Random(f"{self.seed} {call.number}")
        if chance.random() >= self.share:
            return False
        chosen = chance.choice([each for each in (UNPAID if self.unpaid else PASSING) if _fits(each, call)])
        if chosen is fault:
            self.struck[f"{fault.action} {fault.status} {fault.code}"] += 1
        return chosen is fault


def _fits(fault: ModelFault, call: ModelCall) -> bool:
    if fault.action in SPOKEN:
        return call.path.endswith("/responses")
    return fault.action not in STREAMED or bool(call.body.get("stream"))


async def mixed_jobs(town: Town, count: int, weather: Weather) -> list[str]:
    """Run jobs of many kinds; the last tenth of them when nothing is paid any more. Return what was wrong.

    Of ten jobs four are pictures, two albums, one a voice note, one a video (every other time a picture)
    and two are follow-ups.
    """
    first = await town.local.post(town.ana, town.channel, files=[picture(900)])
    await town.settled(first)
    thread = town.local.thread_of(first)
    assert thread is not None

    async def post(number: int) -> Message:
        match number % 10:
            case 4 | 5:
                files = [picture(ALBUM_PICTURES * number + each) for each in range(ALBUM_PICTURES)]
                return await town.local.post(town.ana, town.channel, QUESTION, files)
            case 6:
                note = short_voice_note(number)
                return await town.local.post(town.ana, town.channel, files=[note], voice=True)
            case 7 if number % 20 == 7:
                return await town.local.post(town.ben, town.channel, files=[video(number)])
            case 8 | 9:
                return await town.local.post(town.ana if number % 10 == 8 else town.ben, thread, LOOK)
            case _:
                return await town.local.post(town.ben, town.channel, files=[picture(number)])

    weather.begin()
    posts: list[Message] = []
    for wave in range(0, count, WAVE_JOBS):
        weather.unpaid = wave >= count * 0.9
        wave_posts = [await post(number) for number in range(wave + 1, min(wave + WAVE_JOBS, count) + 1)]
        for each in wave_posts:
            await town.local.wait_for(partial(_ends, town, each), timeout=LIMIT_SECONDS, what="an end")
        posts += wave_posts
    wrongs = [wrong for each in posts for wrong in _wrongs(town, each)]
    if cards(town):
        wrongs.append("a progress card is left")
    return wrongs


def budgets(folder: Path, cap_usd: float) -> dict[str, str]:
    """Return the environment of a bot that may spend so much, whoever asks."""
    config = folder / "config.toml"
    limits = f"[budgets]\ntotal_usd = {cap_usd}\nperson_usd = 0\nserver_usd = 0\nperson_requests = 0\n"
    config.write_text(limits)
    return {"ISTHMUS_CONFIG": str(config)}


def spent(data: Path) -> float:
    """Return what a bot on SQLite has counted as spent, in USD."""
    with closing(connect(data / "isthmus.db")) as connection:
        return connection.execute("SELECT sum(counted_usd) FROM spend").fetchone()[0] or 0.0


def _ends(town: Town, post: Message) -> list[Message]:
    """Return the finished messages that answer a post: in its thread, or as replies."""
    return [*town.outcome(post), *town.replies(post)]


def _wrongs(town: Town, post: Message) -> list[str]:
    ends = _ends(town, post)
    if len(ends) != 1:
        return [f"{len(ends)} messages answer a post: {[each.text for each in ends]}"]
    [end] = ends
    is_answer = "MARKER" in end.text or "heard" in end.text.lower() or bool(end.attachments)
    is_sentence = "reference" in end.text or "paused" in end.text or "limit" in end.text
    return [] if is_answer or is_sentence else [f"neither an answer nor a sentence: {end.text!r}"]

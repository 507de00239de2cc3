"""What the benchmarks of traffic share: a local Discord with many servers, its posts, and a look at the bot.

Everything runs on one machine: the bot's processes, the local Discord and the scripted model server. The
latter two cost about as much processor time as the bot itself, so figures of throughput are lower bounds.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sqlite3
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from playground.discord import File, LocalDiscord
from playground.discord.state import Channel, Message, User
from tests.pictures import encoded, photo

NAMES = ("astronaut", "chelsea", "coffee", "rocket")
LOOK_SECONDS = 0.2
"""How often posts are looked at; the error of each time."""
TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


CONFIG = """
[budgets]
person_requests = 0
server_requests = 0
person_usd = 0.0
server_usd = 0.0
total_usd = 0.0

[queue]
person_jobs = 0
channel_jobs = 0
server_jobs = 0
total_jobs = 0

[models.moderation]
model = "omni-moderation-latest"
api = "off"

[engine]
concurrency = {jobs}
model_calls = {calls}
server_concurrency = 6
"""


def without_limits(folder: Path, *, jobs: int, calls: int) -> dict[str, str]:
    """Write a configuration without budgets and limits; return what has a bot use it.

    Args:
        jobs: At once in a process.
        calls: Of models, at once in a process.
    """
    path = folder / "config.toml"
    path.write_text(CONFIG.format(jobs=jobs, calls=calls))
    return {"ISTHMUS_CONFIG": str(path)}


def places(local: LocalDiscord, servers: int) -> tuple[User, list[Channel]]:
    """Make servers with a channel each, and a person who is in all of them."""
    ana = local.add_user("ana")
    channels: list[Channel] = []
    for number in range(servers):
        guild = local.add_guild(f"Harbour{number}")
        local.join(guild, ana)
        channels.append(local.add_channel(guild, "photos"))
    return ana, channels


def say(line: str) -> None:
    """Print at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def picture(number: int) -> File:
    """Return a small photograph; each number is another file, so that none is known already."""
    image = photo(NAMES[number % len(NAMES)]).resize((320, 320))
    image.putpixel((number % 320, number // 320 % 320), (255, 0, 255))
    return File(f"{number}.jpg", encoded(image, quality=80 + number % 3) + number.to_bytes(4, "big"))


@dataclass(slots=True)
class Post:
    """A post on its way."""

    message: Message
    begun: float
    seen: float | None = None
    """Seconds to the first sign of life."""
    finished: float | None = None
    """Seconds to the finished result."""


@dataclass(slots=True)
class Traffic:
    """Posts to a local Discord, and when they were answered."""

    local: LocalDiscord
    posts: list[Post] = field(default_factory=list[Post])

    async def post(self, user: User, channel: Channel, files: Sequence[File]) -> Post:
        """Post files."""
        begun = time.perf_counter()
        post = Post(await self.local.post(user, channel, files=files), begun)
        self.posts.append(post)
        return post

    async def watch(self, posts: Sequence[Post], *, seconds: float) -> list[Post]:
        """Wait until all are answered, or for so long; return those that are not."""
        open_posts = [post for post in posts if post.finished is None]
        deadline = time.perf_counter() + seconds
        while open_posts and time.perf_counter() < deadline:
            await asyncio.sleep(LOOK_SECONDS)
            open_posts = [post for post in open_posts if not self._look(post)]
        return open_posts

    def _look(self, post: Post) -> bool:
        """Note how far a post is; tell whether it is answered."""
        thread = self.local.thread_of(post.message)
        cards = self.local.messages(thread) if thread else []
        if not cards:
            return False
        now = time.perf_counter() - post.begun
        post.seen = post.seen or now
        if any(":stop:" in each for card in cards for each in card.custom_ids()):
            return False
        post.finished = now
        return True

    def cards(self, post: Post) -> list[Message]:
        """Return what stands in a post's thread."""
        thread = self.local.thread_of(post.message)
        return self.local.messages(thread) if thread else []


@dataclass(frozen=True, slots=True)
class Use:
    """What a process uses: processor seconds so far, and what it holds now."""

    cpu_seconds: float
    memory_mb: float
    files: int
    threads: int


def use_of(pid: int) -> Use:
    """Return what a process uses, its children's processor time included as far as they have ended."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    memory = int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE / 2**20
    cpu = sum(int(each) for each in fields[11:15]) / TICKS
    return Use(cpu, memory, len(os.listdir(f"/proc/{pid}/fd")), int(fields[17]))  # noqa: PTH208 # names only


def rows_of(folder: Path) -> dict[str, int]:
    """Return the number of rows of each table of a bot's SQLite files."""
    counts: dict[str, int] = {}
    for path in sorted(folder.glob("*.db")):
        with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
            names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
            for (name,) in names:
                [(count,)] = connection.execute(f'SELECT count(*) FROM "{name}"').fetchall()
                counts[f"{path.stem}.{name}"] = count
    return counts


def lags(log: Path) -> list[float]:
    """Return the event loop's 99th percentile of each period that the probe wrote, in milliseconds."""
    marks = [line.split("loop lag p99 ")[1] for line in log.read_text().splitlines() if "loop lag p99 " in line]
    return [float(mark.split()[0]) for mark in marks]


def tasks_in(log: Path) -> int:
    """Return the number of tasks that the bot's probe counted last; 0 before its first period."""
    marks = [line for line in log.read_text().splitlines() if line.endswith(" tasks")]
    return int(marks[-1].split()[-2]) if marks else 0


def spread(values: Sequence[float]) -> str:
    """Return median, 99th percentile and maximum in words."""
    ordered = sorted(values)
    if not ordered:
        return "none"
    p99 = ordered[int(len(ordered) * 0.99)]
    return f"median {statistics.median(ordered):.2f} s, p99 {p99:.2f} s, slowest {ordered[-1]:.2f} s"

"""Cached folders are there whole or not at all, hold plain files only, and go when space runs out."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.media.cache import MediaCache, UnsafeFileError

ROOT = Path(__file__).parent.parent.parent.parent
ONE, OTHER, THIRD = "1" * 64, "2" * 64, "3" * 64


def made(folder: Path, **files: bytes) -> Path:
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder


@pytest.fixture
def cache(tmp_path: Path) -> MediaCache:
    return MediaCache(tmp_path / "cache", max_bytes=1000)


async def test_what_was_put_is_there(cache: MediaCache, tmp_path: Path) -> None:
    """Under the same hash and key, and no other."""
    put = await cache.put(ONE, "v1", made(tmp_path / "a", one=b"first", two=b""))
    got = await cache.get(ONE, "v1")
    assert got == put
    assert await cache.read(put, "one") == b"first"
    assert await cache.read(put, "two") == b""
    assert await cache.read(put, "three") is None
    assert await cache.get(ONE, "v2") is None
    assert await cache.get(OTHER, "v1") is None


async def test_the_first_of_two_writers_wins(cache: MediaCache, tmp_path: Path) -> None:
    """The second one is handed what is there."""
    first = await cache.put(ONE, "v1", made(tmp_path / "a", name=b"first"))
    second = await cache.put(ONE, "v1", made(tmp_path / "b", name=b"second"))
    assert first == second
    assert await cache.read(second, "name") == b"first"


async def test_many_writers_at_once_leave_one_whole_folder(cache: MediaCache, tmp_path: Path) -> None:
    """Nothing is mixed and nothing half-made remains."""
    sources = [made(tmp_path / f"s{n}", one=b"%d" % n, two=b"%d" % n) for n in range(20)]
    folders = await asyncio.gather(*(cache.put(ONE, "v1", each) for each in sources))
    assert len(set(folders)) == 1
    assert await cache.read(folders[0], "one") == await cache.read(folders[0], "two")
    assert [path.name for path in (tmp_path / "cache").iterdir()] == [folders[0].name]


async def test_least_recently_used_go_first(cache: MediaCache, tmp_path: Path) -> None:
    """Getting is using."""
    for number, sha256 in enumerate((ONE, OTHER)):
        folder = await cache.put(sha256, "v1", made(tmp_path / sha256[0], data=b"x" * 400))
        os.utime(folder, (number, number))
    assert await cache.get(ONE, "v1")
    await cache.put(THIRD, "v1", made(tmp_path / "c", data=b"x" * 400))
    assert await cache.get(OTHER, "v1") is None
    assert await cache.get(ONE, "v1")
    assert await cache.get(THIRD, "v1")


async def test_forgetting_removes_every_key_of_a_file(cache: MediaCache, tmp_path: Path) -> None:
    """And nothing of other files."""
    await cache.put(ONE, "v1", made(tmp_path / "a", data=b"x"))
    await cache.put(ONE, "v2", made(tmp_path / "b", data=b"x"))
    await cache.put(OTHER, "v1", made(tmp_path / "c", data=b"x"))
    await cache.forget(ONE)
    assert await cache.get(ONE, "v1") is None
    assert await cache.get(ONE, "v2") is None
    assert await cache.get(OTHER, "v1")


async def test_evicted_files_read_as_gone(cache: MediaCache, tmp_path: Path) -> None:
    """Whoever still holds the folder's path makes its files again."""
    folder = await cache.put(ONE, "v1", made(tmp_path / "a", data=b"x"))
    await cache.forget(ONE)
    assert await cache.read(folder, "data") is None


@pytest.mark.parametrize("trap", ["link", "hard", "pipe", "folder", "name", "hidden", "huge"])
async def test_traps_of_a_taken_over_child_are_not_stored(cache: MediaCache, tmp_path: Path, trap: str) -> None:
    """Links to secrets, pipes that block, folders, names of other things, files beyond all limits."""
    secret = tmp_path / "secret"
    secret.write_text("the token")
    source = made(tmp_path / "a", data=b"x")
    match trap:
        case "link":
            (source / "piece").symlink_to(secret)
        case "hard":
            (source / "piece").hardlink_to(secret)
        case "pipe":
            os.mkfifo(source / "piece")
        case "folder":
            (source / "piece").mkdir()
        case "name":
            (source / "Piece one").write_bytes(b"x")
        case "hidden":
            (source / ".piece").write_bytes(b"x")
        case _:
            with (source / "piece").open("wb") as file:
                file.truncate(10**12)
    with pytest.raises(UnsafeFileError):
        await cache.put(ONE, "v1", source)
    assert await cache.get(ONE, "v1") is None
    assert list((tmp_path / "cache").iterdir()) == []


async def test_links_in_the_cache_itself_are_not_followed(cache: MediaCache, tmp_path: Path) -> None:
    """Reading opens plain files only."""
    folder = await cache.put(ONE, "v1", made(tmp_path / "a", data=b"x"))
    (folder / "other").symlink_to("/etc/hostname")
    with pytest.raises(UnsafeFileError):
        await cache.read(folder, "other")
    with pytest.raises(ValueError, match="name"):
        await cache.read(folder, "../secret")


@pytest.mark.parametrize("sha256", ["", "1" * 63, "G" * 64, "../" + "1" * 61, "*"])
async def test_only_hashes_name_folders(cache: MediaCache, tmp_path: Path, sha256: str) -> None:
    """No name leads out of the cache."""
    with pytest.raises(ValueError, match="SHA-256"):
        await cache.put(sha256, "v1", made(tmp_path / "a", data=b"x"))
    with pytest.raises(ValueError, match="SHA-256"):
        await cache.get(sha256, "v1")
    with pytest.raises(ValueError, match="SHA-256"):
        await cache.forget(sha256)


WRITER = """
import asyncio, sys
from pathlib import Path
from services.media.cache import MediaCache
asyncio.run(MediaCache(Path(sys.argv[1]), max_bytes=10**12).put("1" * 64, "v1", Path(sys.argv[2])))
"""
LARGE_BYTES = 20_000_000_000
"""Takes many seconds to copy, of which the writer gets a moment."""


async def test_killed_writer_leaves_nothing_to_be_seen(cache: MediaCache, tmp_path: Path) -> None:
    """What it left is not found, stands in nobody's way, and is removed once it is old."""
    large, source = made(tmp_path / "large"), made(tmp_path / "a", data=b"x")
    with (large / "data").open("wb") as file:
        file.truncate(LARGE_BYTES)  # all of it a hole
    folder = tmp_path / "cache"
    arguments = [sys.executable, "-c", WRITER, str(folder), str(large)]
    with subprocess.Popen(arguments, cwd=ROOT) as writer:
        async with asyncio.timeout(60):
            while not list(folder.glob("*/data")):
                await asyncio.sleep(0.01)
        writer.send_signal(signal.SIGKILL)
    (left,) = list(folder.iterdir())
    assert (left / "data").stat().st_size < LARGE_BYTES
    assert await cache.get(ONE, "v1") is None
    put = await cache.put(ONE, "v1", source)
    assert await cache.read(put, "data") == b"x"
    assert left.exists()
    os.utime(left, (0, 0))
    await cache.put(OTHER, "v1", source)
    assert not left.exists()


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["put", "get", "forget"]), st.integers(0, 4), st.integers(1, 600)),
        max_size=15,
    )
)
def test_cache_never_holds_more_than_it_may(steps: list[tuple[str, int, int]]) -> None:
    """Whatever is done in whatever order: within the limit, and what was put last is there."""

    async def run(folder: Path) -> None:
        cache = MediaCache(folder / "cache", max_bytes=1000)
        for number, (action, which, size) in enumerate(steps):
            sha256 = str(which) * 64
            if action == "put":
                put = await cache.put(sha256, "v1", made(folder / f"s{number}", data=b"x" * size))
                assert await cache.read(put, "data")
            elif action == "get":
                await cache.get(sha256, "v1")
            else:
                await cache.forget(sha256)
                assert await cache.get(sha256, "v1") is None
            held = sum(path.stat().st_size for path in (folder / "cache").glob("*/*"))
            assert held <= 1000

    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(run(Path(folder)))

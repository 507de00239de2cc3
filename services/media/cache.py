"""Keeps what was made of media files (pieces of sound, frames) for a while, by the file's hash.

A folder is made beside the others under a name that nobody looks up, and published by renaming it:
so it is there whole or not at all, whoever else writes and whatever is killed. What children wrote is
copied, not moved in: they may have been taken over, and left links where files should be.
"""

from __future__ import annotations

import asyncio
import errno
import hashlib
import os
import re
import secrets
import shutil
import stat
import time
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

COPY_BYTES = 1024 * 1024
STALE_SECONDS = 3600.0
"""After that an unpublished folder belongs to a process that was killed."""
_UNREADY = ".unready-"
_DOOMED = ".doomed-"
_SHA256 = re.compile(r"[0-9a-f]{64}")
_FILE_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


class UnsafeFileError(Exception):
    """Where a plain file should be there is something else."""


class MediaCache:
    """Folders of derived files, the least recently used of which go when there are too many bytes.

    Args:
        folder: Made when it is missing; shared by processes of one machine.
        max_bytes: Of all files together. What was put last stays, however big it is.
    """

    def __init__(self, folder: Path, *, max_bytes: int) -> None:
        self._folder = folder
        self._max_bytes = max_bytes

    async def get(self, sha256: str, key: str) -> Path | None:
        """Return the folder made of a file in the way that `key` names; None when it is not there.

        The caller may find its files gone at any time: it makes them again.
        """
        return await asyncio.to_thread(self._get, self._name(sha256, key))

    async def put(self, sha256: str, key: str, source: Path) -> Path:
        """Publish a copy of a folder's files. Where somebody else was faster, theirs is returned.

        Raises:
            UnsafeFileError: The folder holds links, folders or names that no decoder gives.
        """
        return await asyncio.to_thread(self._put, self._name(sha256, key), source)

    async def forget(self, sha256: str) -> None:
        """Remove all that was made of a file."""
        await asyncio.to_thread(self._forget, sha256)

    async def size(self) -> int:
        """Return how many bytes all files have together."""
        return await asyncio.to_thread(self._total)

    async def read(self, folder: Path, name: str) -> bytes | None:
        """Return one file of a folder that `get` or `put` gave; None when it was evicted meanwhile."""
        if not _FILE_NAME.fullmatch(name):
            raise ValueError("no name of a cached file")
        return await asyncio.to_thread(_read, folder / name)

    def _name(self, sha256: str, key: str) -> str:
        if not _SHA256.fullmatch(sha256):
            raise ValueError("not a SHA-256 in hexadecimal digits")
        return f"{sha256}-{hashlib.sha256(key.encode()).hexdigest()[:16]}"

    def _get(self, name: str) -> Path | None:
        path = self._folder / name
        try:
            os.utime(path)  # Its place in the order of use.
        except FileNotFoundError:
            return None
        return path

    def _put(self, name: str, source: Path) -> Path:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        unready = self._folder / f"{_UNREADY}{secrets.token_hex(8)}"
        unready.mkdir(mode=0o700)
        try:
            self._copy_all(source, unready)
            try:
                unready.rename(self._folder / name)
            except OSError as error:
                if error.errno not in {errno.ENOTEMPTY, errno.EEXIST}:  # else somebody was faster
                    raise
        finally:
            shutil.rmtree(unready, ignore_errors=True)
        self._evict(kept=name)
        return self._folder / name

    def _copy_all(self, source: Path, target: Path) -> None:
        total = 0
        for path in sorted(source.iterdir()):
            if not _FILE_NAME.fullmatch(path.name):
                raise UnsafeFileError("a file has a name that no decoder gives")
            with open_plain(path) as file:
                total += os.fstat(file.fileno()).st_size
                if total > self._max_bytes:
                    raise UnsafeFileError("the files are larger than the whole cache may be")
                with (target / path.name).open("xb") as copy:
                    shutil.copyfileobj(file, copy, COPY_BYTES)

    def _evict(self, kept: str) -> None:
        """Remove the least recently used folders, and what killed processes left behind."""
        now = time.time()
        used: list[tuple[float, int, str]] = []
        for path in self._folder.iterdir():
            try:
                modified = path.lstat().st_mtime
            except FileNotFoundError:
                continue
            if not path.name.startswith("."):
                used.append((modified, _size(path), path.name))
            elif now - modified > STALE_SECONDS:
                shutil.rmtree(path, ignore_errors=True)
        total = sum(size for _, size, _ in used)
        for _, size, name in sorted(used):
            if total <= self._max_bytes:
                return
            if name != kept:
                self._remove(name)
                total -= size

    def _total(self) -> int:
        if not self._folder.is_dir():
            return 0
        return sum(_size(path) for path in self._folder.iterdir() if path.is_dir())

    def _forget(self, sha256: str) -> None:
        if not _SHA256.fullmatch(sha256):
            raise ValueError("not a SHA-256 in hexadecimal digits")
        for path in self._folder.glob(f"{sha256}-*"):
            self._remove(path.name)

    def _remove(self, name: str) -> None:
        doomed = self._folder / f"{_DOOMED}{secrets.token_hex(8)}"
        with suppress(FileNotFoundError):  # Another process was faster.
            (self._folder / name).rename(doomed)
        shutil.rmtree(doomed, ignore_errors=True)


def open_plain(path: Path) -> BinaryIO:
    """Open a regular file that has no other name; never a link, never a pipe that would block.

    Raises:
        FileNotFoundError: Nothing is there.
        UnsafeFileError: Something else is there.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise
    except OSError:
        raise UnsafeFileError("a link stands where a file should be") from None
    found = os.fstat(handle)
    if not stat.S_ISREG(found.st_mode) or found.st_nlink != 1:
        os.close(handle)
        raise UnsafeFileError("what stands there is no plain file")
    return os.fdopen(handle, "rb")


def _read(path: Path) -> bytes | None:
    try:
        with open_plain(path) as file:
            return file.read()
    except FileNotFoundError:
        return None


def _size(folder: Path) -> int:
    try:
        return sum(each.lstat().st_size for each in folder.iterdir())
    except FileNotFoundError:
        return 0

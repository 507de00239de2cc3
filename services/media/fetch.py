"""Guarded download of attachments: from Discord's own hosts alone, no redirects, a hard byte cap."""

from __future__ import annotations

import asyncio
import hashlib
import shutil
import tempfile
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import tenacity
from yarl import URL

from services.errors import BusyError, MediaError

CHUNK_BYTES = 64 * 1024
IDLE_SECONDS = 30
TOTAL_SECONDS = 120
TRIES = 3
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
OFFICIAL_HOSTS = frozenset({"cdn.discordapp.com", "media.discordapp.net"})
"""Where only some paths hold attachments; a host of the operator's own may keep them anywhere."""
_PATHS = ("/attachments/", "/ephemeral-attachments/")
FILE_NAME = "in.bin"
"""The posted name never reaches the disk."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A downloaded file in a private folder of its own."""

    path: Path
    size: int
    sha256: str


class _PassingError(Exception):
    """The next try may succeed."""


class _StaleError(Exception):
    """The URL has expired, or the file is gone."""


class Fetcher:
    """Downloads attachments.

    Args:
        session: Without cookies or credentials.
        hosts: Allowed hosts, `host` or `host:port`. Plain http is allowed for loopback only, and
            a loopback host without a port stands for any port.
    """

    def __init__(self, session: aiohttp.ClientSession, hosts: Collection[str]) -> None:
        self._session = session
        self._hosts = frozenset(hosts)

    @asynccontextmanager
    async def fetch(
        self, url: str, *, max_bytes: int, refresh: Callable[[], Awaitable[str]] | None
    ) -> AsyncGenerator[Fetched]:
        """Download a file; it is deleted when the block is left.

        Args:
            url: Signed URL of an attachment.
            max_bytes: Counted while streaming; what was declared is not trusted.
            refresh: Returns a fresh URL when this one has expired; asked once.

        Raises:
            MediaError: Gone, empty, too big, cut short, or not at an allowed address.
            BusyError: The host did not answer properly.
        """
        folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="isthmus-"))
        try:
            try:
                fetched = await self._download(url, folder, max_bytes)
            except _StaleError:
                if refresh is None:
                    raise MediaError("media-expired") from None
                try:
                    fetched = await self._download(await refresh(), folder, max_bytes)
                except _StaleError:
                    raise MediaError("media-gone") from None
            if fetched.size == 0:
                raise MediaError("media-empty")
            yield fetched
        finally:
            await asyncio.shield(asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True))

    async def _download(self, url: str, folder: Path, max_bytes: int) -> Fetched:
        target = self._checked(url)
        tries = tenacity.AsyncRetrying(
            retry=tenacity.retry_if_exception_type(_PassingError),
            wait=tenacity.wait_random_exponential(multiplier=0.3, max=3),
            stop=tenacity.stop_after_attempt(TRIES),
            reraise=True,
        )
        try:
            async with asyncio.timeout(TOTAL_SECONDS):
                return await tries(self._try, target, folder, max_bytes)
        except TimeoutError:
            raise BusyError("media-slow") from None
        except _PassingError as error:
            raise BusyError(str(error)) from None

    async def _try(self, url: URL, folder: Path, max_bytes: int) -> Fetched:
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=10, sock_read=IDLE_SECONDS)
        digest, size = hashlib.sha256(), 0
        path = folder / FILE_NAME
        try:
            async with self._session.get(url, allow_redirects=False, timeout=timeout) as response:
                self._check_status(response.status)
                if (response.content_length or 0) > max_bytes:
                    raise _too_big(max_bytes)
                with path.open("wb") as file:
                    async for chunk in response.content.iter_chunked(CHUNK_BYTES):
                        size += len(chunk)
                        if size > max_bytes:
                            raise _too_big(max_bytes)
                        digest.update(chunk)
                        file.write(chunk)
        except (aiohttp.ClientPayloadError, asyncio.IncompleteReadError):
            raise _PassingError("media-cut-short") from None
        except (aiohttp.ClientError, TimeoutError, OSError):
            raise _PassingError("media-unreachable") from None
        return Fetched(path, size, digest.hexdigest())

    def _check_status(self, status: int) -> None:
        if status == 200:
            return
        if status in {403, 404, 410}:
            raise _StaleError
        if status >= 500 or status == 429:
            raise _PassingError("media-unreachable")
        raise MediaError("media-refused")

    def _checked(self, url: str) -> URL:
        """Refuse every address that is not an attachment on an allowed host."""
        try:
            target = URL(url)
        except ValueError:
            raise MediaError("media-refused") from None
        host, port = (target.host or "").lower(), target.explicit_port
        on_this_machine = host in _LOOPBACK
        listed = f"{host}:{port}" in self._hosts if port is not None else host in self._hosts
        known = listed or (on_this_machine and host in self._hosts)
        scheme_fits = target.scheme == "https" or (target.scheme == "http" and on_this_machine)
        plain = target.user is None and target.password is None
        inside = host not in OFFICIAL_HOSTS or (
            target.raw_path.startswith(_PATHS)
            and "%" not in target.raw_path[:24]
            and ".." not in target.path.split("/")
        )
        if not (known and scheme_fits and plain and inside):
            raise MediaError("media-refused")
        return target


def _too_big(max_bytes: int) -> MediaError:
    return MediaError("media-too-big", limit=f"{max_bytes / 1_048_576:.0f} MB")

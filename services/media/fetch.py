"""Guarded download of attachments: from Discord's own hosts alone, no redirects, a hard byte cap."""

from __future__ import annotations

import asyncio
import hashlib
import tempfile
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import tenacity
from yarl import URL

from services.errors import BusyError, MediaError
from services.media._addresses import AllowedAddresses
from services.media._leftovers import FOLDER_PREFIX, Leftovers
from services.media.sniff import HEAD_BYTES

CHUNK_BYTES = 64 * 1024
CONNECT_SECONDS = 10.0
IDLE_SECONDS = 30.0
TOTAL_SECONDS = 300.0
TRIES = 3
FILE_NAME = "in.bin"
"""The posted name never reaches the disk."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A downloaded file in a private folder of its own."""

    path: Path
    size: int
    sha256: str
    head: bytes
    """Its first bytes (`HEAD_BYTES`), by which it is recognized."""


class _PassingError(Exception):
    """The next try may succeed; its text is the sentence should none do."""


class _StaleError(Exception):
    """The URL has expired, or the file is gone."""


class Fetcher:
    """Downloads attachments.

    Args:
        session: Without cookies or credentials.
        hosts: Allowed hosts, `host` or `host:port`. Plain http is allowed for loopback only, and
            a loopback host without a port stands for any port.
        idle_seconds: Longest silence of the host.
        total_seconds: For one URL, tries included.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        hosts: Collection[str],
        *,
        idle_seconds: float = IDLE_SECONDS,
        total_seconds: float = TOTAL_SECONDS,
    ) -> None:
        self._session = session
        self._addresses = AllowedAddresses(hosts)
        self._timeout = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS, sock_read=idle_seconds)
        self._total_seconds = total_seconds
        self._leftovers = Leftovers()

    @asynccontextmanager
    async def fetch(
        self,
        url: str,
        *,
        max_bytes: int | Callable[[bytes], int],
        refresh: Callable[[], Awaitable[str]] | None,
    ) -> AsyncGenerator[Fetched]:
        """Download a file; it is deleted when the block is left.

        Args:
            url: Signed URL of an attachment.
            max_bytes: Counted while streaming; what was declared is not trusted. A function is given the
                file's first bytes and tells how much is worth having.
            refresh: Returns a fresh URL when this one has expired or its host does not answer; asked once.
                It waits where Discord is away as a whole.

        Raises:
            MediaError: Gone, empty, too big, or not at an allowed address.
            BusyError: The host did not answer properly.
        """
        self._leftovers.clear()
        with tempfile.TemporaryDirectory(prefix=FOLDER_PREFIX, ignore_cleanup_errors=True) as folder:
            path = Path(folder) / FILE_NAME
            try:
                fetched = await self._download(url, path, max_bytes)
            except (_StaleError, BusyError) as error:
                if isinstance(error, BusyError) and (refresh is None or error.code == "media-slow"):
                    raise
                if refresh is None:
                    raise MediaError("media-expired") from None
                try:
                    fetched = await self._download(await refresh(), path, max_bytes)
                except _StaleError:
                    raise MediaError("media-gone") from None
            if fetched.size == 0:
                raise MediaError("media-empty")
            yield fetched

    async def _download(self, url: str, path: Path, max_bytes: int | Callable[[bytes], int]) -> Fetched:
        target = self._addresses.checked(url)
        tries = tenacity.AsyncRetrying(
            retry=tenacity.retry_if_exception_type(_PassingError),
            wait=tenacity.wait_random_exponential(multiplier=0.3, max=3),
            stop=tenacity.stop_after_attempt(TRIES),
            reraise=True,
        )
        try:
            async with asyncio.timeout(self._total_seconds):
                return await tries(self._try, target, path, max_bytes)
        except TimeoutError:
            raise BusyError("media-slow") from None
        except _PassingError as error:
            raise BusyError(str(error)) from None

    async def _try(self, url: URL, path: Path, max_bytes: int | Callable[[bytes], int]) -> Fetched:
        digest, size, head = hashlib.sha256(), 0, b""
        try:
            async with self._session.get(
                url,
                allow_redirects=False,
                timeout=self._timeout,
                headers={"Accept-Encoding": "identity"},  # Attachments are stored as they are.
            ) as response:
                _check_status(response.status)
                limit = max_bytes if isinstance(max_bytes, int) else None
                with path.open("wb") as file:
                    async for chunk in response.content.iter_chunked(CHUNK_BYTES):
                        head += chunk[: HEAD_BYTES - len(head)]
                        if limit is None and not isinstance(max_bytes, int) and len(head) == HEAD_BYTES:
                            limit = max_bytes(head)
                        size += len(chunk)
                        if limit is not None and max(size, response.content_length or 0) > limit:
                            raise _too_big(limit)
                        digest.update(chunk)
                        file.write(chunk)
        except aiohttp.ClientPayloadError:
            raise _PassingError("media-cut-short") from None
        except TimeoutError:
            raise _PassingError("media-slow") from None
        except aiohttp.ClientError:
            raise _PassingError("media-unreachable") from None
        return Fetched(path, size, digest.hexdigest(), head)


def _check_status(status: int) -> None:
    if status == 200:
        return
    if status >= 500 or status in {408, 429}:
        raise _PassingError("media-unreachable")
    if status >= 400:
        raise _StaleError
    raise MediaError("media-refused")  # Above all, redirects.


def _too_big(max_bytes: int) -> MediaError:
    return MediaError("media-too-big", limit=f"{max_bytes / 1_048_576:.0f} MB")

"""Signed URLs of the CDN, which expire."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from collections.abc import Mapping

from playground.discord.state import StoredAttachment


class UrlSigner:
    """Signs a file's path until a time.

    Attributes:
        base: Scheme and host of the CDN.
        seconds: How long a URL works.
    """

    def __init__(self, seconds: float) -> None:
        self.base = ""
        self.seconds = seconds
        self._secret = secrets.token_bytes(32)

    def sign(self, attachment: StoredAttachment) -> str:
        """Return a URL that works from now for a while."""
        folder = "ephemeral-attachments" if attachment.ephemeral else "attachments"
        path = f"/{folder}/{attachment.channel_id}/{attachment.id}/{attachment.filename}"
        issued, expires = f"{int(time.time()):x}", f"{int(time.time() + self.seconds):x}"
        return f"{self.base}{path}?ex={expires}&is={issued}&hm={self._signature(path, issued, expires)}&"

    def is_valid(self, path: str, query: Mapping[str, str]) -> bool:
        """Tell whether a URL was signed here and has not expired."""
        issued, expires = query.get("is", ""), query.get("ex", "")
        signature = self._signature(path, issued, expires)
        if not hmac.compare_digest(signature, query.get("hm", "").encode("ascii", "replace").decode()):
            return False
        return int(expires, 16) > time.time()

    def _signature(self, path: str, issued: str, expires: str) -> str:
        return hmac.new(self._secret, f"{path}?{issued}&{expires}".encode(), hashlib.sha256).hexdigest()

"""Which addresses attachments may be fetched from."""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import unquote

from yarl import URL

from services.errors import MediaError

_DISCORD_HOSTS = frozenset({"cdn.discordapp.com", "media.discordapp.net"})
_DISCORD_FOLDERS = frozenset({"attachments", "ephemeral-attachments"})
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class AllowedAddresses:
    """Hosts that files may come from.

    Args:
        hosts: `host` or `host:port`; without a port, the scheme's usual one, but any port of a
            loopback host.
    """

    def __init__(self, hosts: Collection[str]) -> None:
        entries = [URL.build(scheme="https", authority=each.strip().lower()) for each in hosts]
        self._allowed = frozenset((each.raw_host, each.explicit_port) for each in entries)

    def checked(self, url: str) -> URL:
        """Return the parsed URL of an attachment.

        Raises:
            MediaError: It leads anywhere else.
        """
        try:
            target = URL(url)
            port = target.explicit_port
        except ValueError:
            raise MediaError("media-refused") from None
        host, is_here = target.raw_host, target.raw_host in _LOOPBACK
        is_known = (host, port) in self._allowed or (is_here and (host, None) in self._allowed)
        is_guarded = target.scheme == "https" or (target.scheme == "http" and is_here)
        is_plain = target.raw_user is None and target.raw_password is None
        if not (is_known and is_guarded and is_plain and _is_attachment(target)):
            raise MediaError("media-refused")
        return target


def _is_attachment(target: URL) -> bool:
    """Tell whether the path is an attachment's; another host than Discord's may lay its files as it likes."""
    parts = [unquote(part) for part in target.raw_path.split("/")[1:]]
    if any(part in {".", ".."} or {"/", "\\", "\0"} & set(part) for part in parts):
        return False
    return target.raw_host not in _DISCORD_HOSTS or (len(parts) > 1 and parts[0] in _DISCORD_FOLDERS)

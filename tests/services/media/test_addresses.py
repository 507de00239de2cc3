"""Files come from attachments on allowed hosts, and from nowhere else."""

from __future__ import annotations

import pytest

from services.errors import MediaError
from services.media._addresses import AllowedAddresses
from services.settings import DiscordSettings

DISCORD = DiscordSettings().cdn_hosts


@pytest.mark.parametrize(
    "url",
    [
        "https://cdn.discordapp.com/attachments/1/2/a.png?ex=1&is=2&hm=3",
        "https://media.discordapp.net/attachments/1/2/a.png",
        "https://cdn.discordapp.com/ephemeral-attachments/1/2/a.png",
        "https://CDN.discordapp.com/attachments/1/2/a.png",
        "https://cdn.discordapp.com/attachments/1/2/Gr%C3%B6%C3%9Fe%20100%25.png",
        "https://cdn.discordapp.com/attachments/1/2/a..b.png",
    ],
)
def test_attachments_are_fetched_from_discord(url: str) -> None:
    """Both hosts and both folders, whatever the file is called."""
    assert AllowedAddresses(DISCORD).checked(url).host in DISCORD


@pytest.mark.parametrize(
    "url",
    [
        "http://cdn.discordapp.com/attachments/1/2/a.png",
        "https://cdn.discordapp.com.evil.example/attachments/1/2/a.png",
        "https://cdn.discordapp.com./attachments/1/2/a.png",
        "https://evil.example/attachments/1/2/a.png",
        "https://evil.example#@cdn.discordapp.com/attachments/1/2/a.png",
        "https://evil.example\\@cdn.discordapp.com/attachments/1/2/a.png",
        "https://user@cdn.discordapp.com/attachments/1/2/a.png",
        "https://user:word@cdn.discordapp.com/attachments/1/2/a.png",
        "https://:@cdn.discordapp.com/attachments/1/2/a.png",
        "https://cdn.discordapp.com:8443/attachments/1/2/a.png",
        "https://cdn.discordapp.com/",
        "https://cdn.discordapp.com/attachments",
        "https://cdn.discordapp.com/icons/1/2.png",
        "https://cdn.discordapp.com//attachments/1/2/a.png",
        "https://cdn.discordapp.com/attachments/../icons/1/2.png",
        "https://cdn.discordapp.com/attachments/%2e%2e/icons/1/2.png",
        "https://cdn.discordapp.com/attachments/..%2ficons/1",
        "https://cdn.discordapp.com/attachments/..%5cicons/1",
        "https://cdn.discordapp.com/attachments%2f..%2ficons/1",
        "https://cdn.discordapp.com/attachments/1/2/a%00.png",
        "https://ｃdn.discordapp.com.evil.example/attachments/1/2/a.png",
        "http://127.0.0.1/attachments/1/2/a.png",
        "http://127.0.0.1:6379/attachments/1/2/a.png",
        "http://[::1]/attachments/1/2/a.png",
        "http://2130706433/attachments/1/2/a.png",
        "http://169.254.169.254/attachments/1/2/a.png",
        "ftp://cdn.discordapp.com/attachments/1/2/a.png",
        "file:///attachments/1/2/a.png",
        "//cdn.discordapp.com/attachments/1/2/a.png",
        "/attachments/1/2/a.png",
        "https://cdn.discordapp.com:port/attachments/1/2/a.png",
        "https://[cdn.discordapp.com/attachments/1/2/a.png",
        "not a url",
        "",
    ],
)
def test_all_other_addresses_are_refused(url: str) -> None:
    """No other host, port, scheme, credentials or folder, however it is spelt."""
    with pytest.raises(MediaError, match="media-refused"):
        AllowedAddresses(DISCORD).checked(url)


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("files.example", "https://files.example/any/where/a.png"),
        ("Files.Example:8443", "https://files.example:8443/a.png"),
        ("127.0.0.1:9000", "http://127.0.0.1:9000/attachments/1/2/a.png"),
        ("127.0.0.1", "http://127.0.0.1:9000/a.png"),
        ("localhost", "http://localhost/a.png"),
        ("[::1]:9000", "http://[::1]:9000/a.png"),
    ],
)
def test_hosts_of_the_operator_are_allowed(host: str, url: str) -> None:
    """Another CDN may lay files where it likes; plain http is for this machine, on any port if none is set."""
    assert str(AllowedAddresses([host]).checked(url)) == url


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("files.example", "http://files.example/a.png"),
        ("files.example", "https://files.example:8443/a.png"),
        ("files.example:8443", "https://files.example/a.png"),
        ("127.0.0.1:9000", "http://127.0.0.1:9001/a.png"),
        ("127.0.0.1:9000", "http://localhost:9000/a.png"),
        ("files.example", "https://files.example/a/..%2f..%2fb.png"),
    ],
)
def test_hosts_of_the_operator_have_their_limits(host: str, url: str) -> None:
    """A listed host is that host at that port, and guarded unless it is this machine."""
    with pytest.raises(MediaError, match="media-refused"):
        AllowedAddresses([host]).checked(url)

"""What is a message's link, and what only looks like one."""

from __future__ import annotations

import pytest

from cogs._links import place_of
from services.errors import UserError


@pytest.mark.parametrize(
    "link", ["https://discord.com/channels/1/2/3", "see <https://ptb.discord.com/channels/1/2/3>"]
)
def test_link_is_read(link: str) -> None:
    assert place_of(link) == ("1", 2, 3)


@pytest.mark.parametrize(
    "link",
    ["", "https://discord.com/channels/1/2", f"https://discord.com/channels/1/2/{2**63}", "https://a.b/1/2/3"],
)
def test_other_links_are_not_understood(link: str) -> None:
    """Nor are those whose numbers Discord takes for no ids, which would look like an error of the bot."""
    with pytest.raises(UserError, match="link-not-understood"):
        place_of(link)

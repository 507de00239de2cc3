"""Rights computed from payloads agree with Discord's documented algorithm."""

from __future__ import annotations

from typing import Any

import pytest

from services.permissions import ALL, NONE, Permission, asker_may

P = Permission
BASE = P.VIEW_CHANNEL | P.SEND_MESSAGES | P.READ_MESSAGE_HISTORY | P.ATTACH_FILES


def world(
    *, base: Permission = BASE, roles: dict[str, Permission] | None = None, overwrites: list[Any] | None = None
) -> tuple[Any, Any]:
    listed = [{"id": "1", "permissions": str(int(base))}]
    listed += [{"id": name, "permissions": str(int(bits))} for name, bits in (roles or {}).items()]
    guild = {"id": "1", "owner_id": "9", "roles": listed}
    return guild, {"id": "50", "type": 0, "permission_overwrites": overwrites or []}


def overwrite(who: str, *, allow: Permission = NONE, deny: Permission = NONE) -> dict[str, Any]:
    return {"id": who, "type": 0, "allow": str(int(allow)), "deny": str(int(deny))}


def member(*roles: str, user: str = "7", until: str | None = None) -> dict[str, Any]:
    return {"user": {"id": user}, "roles": list(roles), "communication_disabled_until": until}


CASES = {
    "everyone's role": (world(), member(), BASE),
    "owner may all": (world(base=NONE), member(user="9"), ALL),
    "administrator may all": (world(roles={"2": P.ADMINISTRATOR}), member("2"), ALL),
    "role adds": (world(roles={"2": P.MANAGE_MESSAGES}), member("2"), BASE | P.MANAGE_MESSAGES),
    "role of others adds nothing": (world(roles={"2": P.MANAGE_MESSAGES}), member(), BASE),
    "channel hidden": (world(overwrites=[overwrite("1", deny=P.VIEW_CHANNEL)]), member(), NONE),
    "role lets in again": (
        world(
            roles={"2": NONE},
            overwrites=[overwrite("1", deny=P.VIEW_CHANNEL), overwrite("2", allow=P.VIEW_CHANNEL)],
        ),
        member("2"),
        BASE,
    ),
    "roles together: allow wins": (
        world(
            roles={"2": NONE, "3": NONE},
            overwrites=[overwrite("2", deny=P.SEND_MESSAGES), overwrite("3", allow=P.SEND_MESSAGES)],
        ),
        member("2", "3"),
        BASE,
    ),
    "member's own overwrite is last": (
        world(
            roles={"2": NONE},
            overwrites=[overwrite("7", deny=P.READ_MESSAGE_HISTORY), overwrite("2", allow=BASE)],
        ),
        member("2"),
        BASE & ~P.READ_MESSAGE_HISTORY,
    ),
    "no sending, no attaching": (
        world(overwrites=[overwrite("1", deny=P.SEND_MESSAGES)]),
        member(),
        P.VIEW_CHANNEL | P.READ_MESSAGE_HISTORY,
    ),
    "timed out": (world(), member(until="2999-01-01T00:00:00+00:00"), P.VIEW_CHANNEL | P.READ_MESSAGE_HISTORY),
    "time-out is over": (world(), member(until="2020-01-01T00:00:00+00:00"), BASE),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_rights(case: tuple[tuple[Any, Any], Any, Permission]) -> None:
    """Each rule of the algorithm holds."""
    (guild, channel), who, expected = case
    assert asker_may(guild, channel, who) == expected


def test_private_thread_needs_membership() -> None:
    """A private thread is closed to those who have not joined it; its parent's overwrites count."""
    guild, parent = world()
    thread = {"id": "60", "type": 12, "parent_id": "50"}
    assert asker_may(guild, thread, member(), parent=parent) == NONE
    assert P.VIEW_CHANNEL in asker_may(guild, thread, member(), parent=parent, thread_member=True)

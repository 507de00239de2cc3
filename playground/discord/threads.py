"""Threads: how they come to be, and who is in them."""

from __future__ import annotations

from collections.abc import Iterable

from playground.discord.errors import DiscordError
from playground.discord.forms.messages import reference_to
from playground.discord.state import (
    ANNOUNCEMENT,
    ANNOUNCEMENT_THREAD,
    PUBLIC_THREAD,
    Channel,
    Message,
    Payload,
    User,
    snowflake,
)
from playground.discord.state.kinds import (
    HAS_THREAD,
    POST_PARENTS,
    PRIVATE_THREAD,
    THREAD_CREATED,
    THREAD_STARTER,
)
from playground.discord.world import World

AUTO_ARCHIVE_MINUTES = frozenset({60, 1440, 4320, 10080})


def open_thread(
    world: World,
    parent: Channel,
    owner: User,
    name: str,
    *,
    starter: Message | None = None,
    kind: int | None = None,
    auto_archive_minutes: int = 1440,
) -> Channel:
    """Open a thread and tell of it.

    Args:
        world: Where.
        parent: In which channel.
        owner: Who opens it.
        name: 1 to 100 characters.
        starter: The message it stands on: the thread gets its id.
        kind: Of a thread that stands on no message; None: the public kind of its parent.
        auto_archive_minutes: One of `AUTO_ARCHIVE_MINUTES`.

    Raises:
        DiscordError: There is one on this message already (160004), or there are too many (160006).
    """
    if starter is not None and starter.id in world.channels:
        raise DiscordError(400, 160004)
    refuse_too_many(world, parent.guild_id)
    public = ANNOUNCEMENT_THREAD if parent.type == ANNOUNCEMENT else PUBLIC_THREAD
    thread = Channel(
        starter.id if starter else snowflake(),
        kind or public,
        name=name,
        guild_id=parent.guild_id,
        parent_id=parent.id,
        owner_id=owner.id,
        auto_archive_minutes=auto_archive_minutes,
    )
    world.channels[thread.id] = thread
    world.dispatch("THREAD_CREATE", thread.payload() | {"newly_created": True})
    join(world, thread, owner)
    if starter is not None:
        starter.flags |= HAS_THREAD
        world.update(starter)
        _mark_start(world, thread, starter)
    elif thread.type != PRIVATE_THREAD and parent.type not in POST_PARENTS:
        _announce(world, parent, thread, owner)
    return thread


def refuse_too_many(world: World, guild_id: int | None) -> None:
    """Refuse one more active thread than a guild may have."""
    if sum(not each.archived for each in world.threads(guild_id)) >= world.max_active_threads:
        raise DiscordError(400, 160006)


def join(world: World, thread: Channel, *users: User) -> None:
    """Let users join a thread; those who have joined stay."""
    new = [each for each in users if each.id not in thread.members]
    if new:
        thread.members |= {each.id for each in new}
        _tell_members(world, thread, added=new)


def leave(world: World, thread: Channel, user: User) -> None:
    """Let a user leave a thread."""
    if user.id in thread.members:
        _tell_members(world, thread, removed=[user])
        thread.members.discard(user.id)


def _tell_members(
    world: World, thread: Channel, *, added: Iterable[User] = (), removed: Iterable[User] = ()
) -> None:
    event: Payload = {
        "id": str(thread.id),
        "guild_id": str(thread.guild_id),
        "member_count": len(thread.members),
        "added_members": [thread.thread_member(each.id) | {"member": None, "presence": None} for each in added],
        "removed_member_ids": [str(each.id) for each in removed],
    }
    world.dispatch("THREAD_MEMBERS_UPDATE", event)


def _mark_start(world: World, thread: Channel, starter: Message) -> None:
    """Put the system message that shows the first message of a thread."""
    world.store(
        Message(
            snowflake(),
            thread.id,
            starter.author,
            type=THREAD_STARTER,
            reference=reference_to(starter, thread.guild_id),
        )
    )


def _announce(world: World, parent: Channel, thread: Channel, owner: User) -> None:
    """Put the system message by which a channel shows a thread that stands on no message."""
    reference: Payload = {"type": 0, "channel_id": str(thread.id), "guild_id": str(thread.guild_id)}
    world.store(
        Message(snowflake(), parent.id, owner, content=thread.name, type=THREAD_CREATED, reference=reference)
    )

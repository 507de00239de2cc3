"""Threads: opening them, joining them, listing them."""

from __future__ import annotations

from playground.discord.errors import DiscordError, MissingFeatureError
from playground.discord.forms.checks import one_of, required, text, typed
from playground.discord.forms.messages import Form, new_message
from playground.discord.permissions import Permission
from playground.discord.rest.call import Call, Routes
from playground.discord.rest.messages import MESSAGE
from playground.discord.state import PRIVATE_THREAD, PUBLIC_THREAD, TEXT, Channel, Payload, User
from playground.discord.state.kinds import (
    ANNOUNCEMENT,
    ANNOUNCEMENT_THREAD,
    POST_PARENTS,
    SYSTEM_MESSAGES,
    THREAD_PARENTS,
    THREADS,
)
from playground.discord.threads import AUTO_ARCHIVE_MINUTES, join, leave, open_thread
from playground.discord.world import World

_THREADS = "/channels/{channel_id}/threads"
_MEMBERS = "/channels/{channel_id}/thread-members"


class Threads:
    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> Routes:
        return {
            ("POST", f"{MESSAGE}/threads"): self._open_on_message,
            ("POST", _THREADS): self._open,
            ("GET", f"{_THREADS}/archived/public"): self._archived_public,
            ("GET", f"{_THREADS}/archived/private"): self._archived_private,
            ("GET", "/channels/{channel_id}/users/@me/threads/archived/private"): self._archived_joined,
            ("GET", _MEMBERS): self._members,
            ("PUT", f"{_MEMBERS}/@me"): self._join,
            ("DELETE", f"{_MEMBERS}/@me"): self._leave,
            ("GET", f"{_MEMBERS}/{{user_id}}"): self._member,
            ("PUT", f"{_MEMBERS}/{{user_id}}"): self._add,
            ("DELETE", f"{_MEMBERS}/{{user_id}}"): self._remove,
        }

    # ---- opening -------------------------------------------------------------------------------

    def _open_on_message(self, call: Call) -> Payload:
        channel = self._world.channel(call.id("channel_id"))
        self._world.need(channel)
        if channel.type not in THREAD_PARENTS:
            raise DiscordError(400, 50024)
        self._world.need(channel, Permission.CREATE_PUBLIC_THREADS)
        message = self._world.message(channel.id, call.id("message_id"))
        if message.type in SYSTEM_MESSAGES:
            raise DiscordError(400, 50021)
        name, minutes = _named(call)
        thread = open_thread(
            self._world, channel, self._world.app, name, starter=message, auto_archive_minutes=minutes
        )
        return thread.payload(self._world.app.id)

    def _open(self, call: Call) -> Payload:
        channel = self._world.channel(call.id("channel_id"))
        self._world.need(channel)
        if channel.type in POST_PARENTS:
            return self._open_post(channel, call)
        default = ANNOUNCEMENT_THREAD if channel.type == ANNOUNCEMENT else PRIVATE_THREAD
        kind = one_of("type", call.fields.get("type", default), THREADS)
        fits = {TEXT: {PUBLIC_THREAD, PRIVATE_THREAD}, ANNOUNCEMENT: {ANNOUNCEMENT_THREAD}}
        if kind not in fits.get(channel.type, set()):
            raise DiscordError(400, 50024)
        private = kind == PRIVATE_THREAD
        needed = Permission.CREATE_PRIVATE_THREADS if private else Permission.CREATE_PUBLIC_THREADS
        self._world.need(channel, needed)
        name, minutes = _named(call)
        thread = open_thread(
            self._world, channel, self._world.app, name, kind=kind, auto_archive_minutes=minutes
        )
        return thread.payload(self._world.app.id)

    def _open_post(self, forum: Channel, call: Call) -> Payload:
        self._world.need(forum, Permission.SEND_MESSAGES)
        name, minutes = _named(call)
        if call.fields.get("applied_tags"):
            raise MissingFeatureError("a forum's tags")
        body = typed("message", required("message", call.fields.get("message")), dict)
        form = Form(body, call.files)
        new_message(self._world, forum, form)  # refuses a bad form before there is a thread
        thread = open_thread(self._world, forum, self._world.app, name, auto_archive_minutes=minutes)
        message = new_message(self._world, thread, form)
        message.id = thread.id
        self._world.store(message)
        return thread.payload(self._world.app.id) | {"message": self._world.payloads.over_rest(message)}

    # ---- members -------------------------------------------------------------------------------

    def _members(self, call: Call) -> list[Payload]:
        thread = self._thread(call)
        return [thread.thread_member(each) for each in sorted(thread.members)]

    def _member(self, call: Call) -> Payload:
        thread = self._thread(call)
        if call.id("user_id") not in thread.members:
            raise DiscordError(404, 10007)
        return thread.thread_member(call.id("user_id"))

    def _join(self, call: Call) -> None:
        join(self._world, self._active(call), self._world.app)

    def _leave(self, call: Call) -> None:
        leave(self._world, self._active(call), self._world.app)

    def _add(self, call: Call) -> None:
        thread = self._active(call)
        self._world.need(thread, Permission.SEND_MESSAGES_IN_THREADS)
        user = self._user(call)
        if thread.guild_id is None or user.id not in self._world.guilds[thread.guild_id].members:
            raise DiscordError(403, 50001)
        join(self._world, thread, user)

    def _remove(self, call: Call) -> None:
        thread = self._active(call)
        if thread.type != PRIVATE_THREAD or thread.owner_id != self._world.app.id:
            self._world.need(thread, Permission.MANAGE_THREADS)
        leave(self._world, thread, self._user(call))

    # ---- lists ---------------------------------------------------------------------------------

    def _archived_public(self, call: Call) -> Payload:
        return self._archived(call, {PUBLIC_THREAD, ANNOUNCEMENT_THREAD})

    def _archived_private(self, call: Call) -> Payload:
        self._world.need(self._world.channel(call.id("channel_id")), Permission.MANAGE_THREADS)
        return self._archived(call, {PRIVATE_THREAD})

    def _archived_joined(self, call: Call) -> Payload:
        return self._archived(call, {PRIVATE_THREAD}, joined_only=True)

    def _archived(self, call: Call, kinds: set[int], *, joined_only: bool = False) -> Payload:
        app, parent = self._world.app, self._world.channel(call.id("channel_id"))
        self._world.need(parent, Permission.READ_MESSAGE_HISTORY)
        before = call.query.get("before", "9999")
        found = [
            each
            for each in self._world.threads(parent.guild_id)
            if each.parent_id == parent.id and each.archived and each.type in kinds
            if each.archive_changed < before and (not joined_only or app.id in each.members)
        ]
        found.sort(key=lambda each: each.archive_changed, reverse=True)
        limit = call.number("limit", 50)
        joined = [each for each in found[:limit] if app.id in each.members]
        return {
            "threads": [each.payload() for each in found[:limit]],
            "members": [each.thread_member(app.id) for each in joined],
            "has_more": len(found) > limit,
        }

    # ---- look-ups ------------------------------------------------------------------------------

    def _thread(self, call: Call) -> Channel:
        thread = self._world.channel(call.id("channel_id"))
        self._world.need(thread)
        if not thread.is_thread:
            raise DiscordError(400, 50024)
        return thread

    def _active(self, call: Call) -> Channel:
        thread = self._thread(call)
        if thread.archived:
            raise DiscordError(400, 50083)
        return thread

    def _user(self, call: Call) -> User:
        if (user := self._world.users.get(call.id("user_id"))) is None:
            raise DiscordError(404, 10013)
        return user


def _named(call: Call) -> tuple[str, int]:
    """Return the name of a new thread, and the minutes after which it is archived."""
    name = text("name", required("name", call.fields.get("name")), 1, 100)
    minutes = call.fields.get("auto_archive_duration") or 1440
    return name, one_of("auto_archive_duration", minutes, AUTO_ARCHIVE_MINUTES)

"""Discord's way of saying no: a status, a code and a message."""

from __future__ import annotations

from typing import Any

MESSAGES = {
    0: "401: Unauthorized",
    10003: "Unknown Channel",
    10004: "Unknown Guild",
    10007: "Unknown Member",
    10008: "Unknown Message",
    10013: "Unknown User",
    10014: "Unknown Emoji",
    10015: "Unknown Webhook",
    10062: "Unknown interaction",
    10063: "Unknown application command",
    20012: "You are not authorized to perform this action on this application",
    30032: "Maximum number of application commands reached",
    30046: "Maximum number of edits to messages older than 1 hour reached. Try again later",
    40005: "Request entity too large",
    40041: "An application command with that name already exists",
    40058: "Cannot message this thread until after the post author has sent an initial message",
    40060: "Interaction has already been acknowledged.",
    50001: "Missing Access",
    50003: "Cannot execute action on a DM channel",
    50005: "Cannot edit a message authored by another user",
    50006: "Cannot send an empty message",
    50007: "Cannot send messages to this user",
    50008: "Cannot send messages in a non-text channel",
    50013: "Missing Permissions",
    50016: "Provided too few or too many messages to delete. Must provide at least 2 and at most 100.",
    50021: "Cannot execute action on a system message",
    50024: "Cannot execute action on this channel type",
    50027: "Invalid Webhook Token",
    50034: "You can only bulk delete messages that are under 14 days old.",
    50035: "Invalid Form Body",
    50083: "Thread is archived",
    50109: "The request body contains invalid JSON.",
    50159: "Voice messages do not support additional content.",
    50160: "Voice messages must have a single audio attachment.",
    50161: "Voice messages must have supporting metadata.",
    50162: "Voice messages cannot be edited.",
    50173: "You cannot send voice messages in this channel.",
    160002: "Cannot reply without permission to read message history",
    160004: "A thread has already been created for this message",
    160005: "This thread is locked",
    160006: "Maximum number of active threads reached",
    160014: "You cannot forward a message whose content you cannot read",
    200000: "Message was blocked by automatic moderation",
    200001: "Title was blocked by automatic moderation",
    240000: "Message blocked by harmful links filter",
}


class DiscordError(Exception):
    """Becomes the JSON error of a REST answer."""

    def __init__(self, status: int, code: int, errors: dict[str, Any] | None = None) -> None:
        super().__init__(f"{status} {code} {MESSAGES.get(code, '')} {errors or ''}".strip())
        self.status = status
        self.code = code
        self.body: dict[str, Any] = {"message": MESSAGES.get(code, "Error"), "code": code}
        if errors:
            self.body["errors"] = errors


class RateLimitError(Exception):
    """Becomes a 429 of a limit that stands in no bucket's headers."""

    def __init__(self, retry_after: float) -> None:
        super().__init__(f"try again in {retry_after} s")
        self.retry_after = retry_after


class MissingFeatureError(Exception):
    """Discord can do this and the local one cannot: becomes a loud 501."""


def invalid(path: str, code: str, message: str) -> DiscordError:
    """Return the 400 of a field that is not acceptable.

    Args:
        path: Where it stands, e.g. `embeds.0.title`.
        code: Discord's name of the rule, e.g. `BASE_TYPE_MAX_LENGTH`.
        message: Discord's sentence about it.
    """
    tree: dict[str, Any] = {"_errors": [{"code": code, "message": message}]}
    for part in reversed(path.split(".")):
        tree = {part: tree}
    return DiscordError(400, 50035, tree)

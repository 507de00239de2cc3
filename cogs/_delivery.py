"""The delivery port on Discord's REST API: opens places, edits cards, posts outcomes.

Needs a logged-in client and no gateway, so a worker can use it. Every message is sent with a nonce
made from job, phase and part. Discord remembers nonces for some minutes only; whoever repeats a step
later looks for the message that may already stand there.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Sequence
from typing import Any

import discord
import discord.http
from services.delivery import OutgoingFile
from services.domain import Attachment, JobRequest, MessageSource, Outcome, Place, Progress
from services.errors import BusyError, MediaError, UserError
from services.rest_budget import RestBudget, Urgency

from cogs._links import may_read
from cogs._messages import MessageFinder, PostedFile, Standing
from cogs._owner import tell_owner
from cogs._presenting import Presenter
from cogs._responses import CommandResponses
from cogs._rest import in_passing, patiently, retried, urgency
from cogs._ui import Card, marker, nonce, to_view, without_files
from cogs._uploads import LostFileError, Uploads

log = logging.getLogger(__name__)

THREAD_EXISTS = 160004
TOO_LARGE = 40005
UNKNOWN_MESSAGE = 10008
NO_THREAD_HERE = frozenset(
    {
        50001,  # missing access
        50013,  # missing permissions
        50021,  # a system message
        50024,  # not on this type of channel (voice, DM, inside a thread)
        50068,  # invalid message type
        160006,  # too many active threads
        160007,  # too many active announcement threads
    }
)
NOT_EDITABLE = frozenset(
    {
        UNKNOWN_MESSAGE,
        30046,  # too many edits of a message older than an hour
        50083,  # the thread is archived; sending un-archives it
    }
)
BLOCKED_BY_AUTOMOD = frozenset({200000, 200001, 240000})
NONCE_MEMORY_SECONDS = 120
PROGRESS_SECONDS = 1.0
"""How long progress waits for its turn; what comes after it waits as long."""
THREAD_ARCHIVE_MINUTES = 1440


class DiscordDelivery:
    """Implements `services.delivery.Delivery`.

    Args:
        client: Logged in; connected to the gateway or not.
        presenter: Turns outcomes and progress into cards.
        messages: Finds fresh attachment URLs and messages that already stand.
        responses: Edits what a slash command or menu shows to its user.
        uploads: Finds the bytes of the files that cards carry.
        budget: Of requests; when it is tight, progress is not shown.
    """

    def __init__(
        self,
        *,
        client: discord.Client,
        presenter: Presenter,
        messages: MessageFinder,
        responses: CommandResponses,
        uploads: Uploads,
        budget: RestBudget,
    ) -> None:
        self._client = client
        self._presenter = presenter
        self._messages = messages
        self._responses = responses
        self._uploads = uploads
        self._budget = budget

    async def open_place(self, request: JobRequest, *, begins: int | None = None) -> Place:
        """Open the thread (or find where else to answer) and post the progress card."""
        origin = request.origin
        anchor = origin.message_id
        if anchor is None:
            anchor = await self._responses.anchor(request, self._presenter.file_caption(request))
        with urgency(Urgency.FIRST_SIGN):
            place = await self._open_on(request, anchor, begins)
        if request.interaction_id is not None and origin.message_id is not None:
            link = _jump_link(origin.guild_id, place)
            await self._responses.point_to(request, self._presenter.answering_in(link))
        return place

    async def _open_on(self, request: JobRequest, anchor: int | None, begins: int | None) -> Place:
        origin = request.origin
        card = self._presenter.opening(request, begins=begins)
        # Without a response to hang it on, it stands in the channel by itself.
        if anchor is not None and origin.thread_allowed and not origin.in_thread:
            thread_id = await self._open_thread(request, anchor)
            if thread_id is not None:
                try:
                    with urgency(Urgency.USUAL):
                        message_id = await self._send_once(request, thread_id, card, "progress")
                except discord.HTTPException as error:
                    log.info("Job %s: not in its thread (code %s)", request.job_id, error.code)
                else:
                    return Place(thread_id, message_id, is_thread=True)
        try:
            message_id = await self._send_once(request, origin.channel_id, card, "progress", reply_to=anchor)
        except discord.HTTPException as error:
            raise _no_place(error) from None
        return Place(origin.channel_id, message_id, reply_to=anchor, is_thread=origin.in_thread)

    async def show_progress(self, request: JobRequest, place: Place, progress: Progress) -> None:
        """Edit the progress card; a failed edit is only logged, the next one will do."""
        await self._show(request, place, self._presenter.progress(request, progress))

    async def show_text(self, request: JobRequest, place: Place, text: str) -> None:
        """Edit the card into the answer so far; a failed edit is only logged."""
        await self._show(request, place, self._presenter.partial_answer(request, text))

    async def deliver(
        self, request: JobRequest, place: Place, outcome: Outcome, *, in_place: bool
    ) -> list[int]:
        """Post the outcome's cards and return the ids of their messages."""
        cards = self._presenter.outcome(request, outcome)
        try:
            return await self._deliver(request, place, cards, in_place=in_place)
        except LostFileError:
            cards = without_files(cards, self._presenter.files_left_out())
        except discord.HTTPException as error:
            if error.code in BLOCKED_BY_AUTOMOD:
                cards = self._presenter.blocked_by_server()
            elif _is_too_large(error):
                cards = without_files(cards, self._presenter.files_left_out())
            else:
                await self._delete(place.channel_id, place.progress_message_id)
                raise _no_place(error) from None
        return await self._deliver(request, place, cards, in_place=in_place)

    async def show_outcome(self, request: JobRequest, place: Place, outcome: Outcome) -> None:
        """Edit the card into what there is so far; a failed edit is only logged."""
        await self._show(request, place, self._presenter.outcome(request, outcome)[0])

    async def post(self, request: JobRequest, place: Place, outcome: Outcome, *, part: int) -> int:
        """Post a message beside the job's own."""
        cards = self._presenter.outcome(request, outcome)[:1]
        try:
            return await self._send_once(
                request, place.channel_id, cards[0], "part", part, reply_to=place.reply_to
            )
        except LostFileError:
            cards = without_files(cards, self._presenter.files_left_out())
        except discord.HTTPException as error:
            if error.code in BLOCKED_BY_AUTOMOD:
                cards = self._presenter.blocked_by_server()
            elif _is_too_large(error):
                cards = without_files(cards, self._presenter.files_left_out())
            else:
                raise _no_place(error) from None
        return await self._send_once(request, place.channel_id, cards[0], "part", part, reply_to=place.reply_to)

    async def attachments(self, channel_id: int, message_id: int) -> list[Attachment]:
        """Return the files of a message of the bot."""
        return await self._messages.attachments(channel_id, message_id)

    async def attachment_url(self, source: MessageSource, *, anew: bool = False) -> str:
        """Return a fresh URL of the attachment."""
        return await self._messages.attachment_url(source, anew=anew)

    async def post_file(
        self, request: JobRequest, place: Place, file: OutgoingFile, *, part: int
    ) -> Attachment:
        """Post a file in the place; return it as an attachment of that message."""
        channel = self._client.get_partial_messageable(place.channel_id)

        async def send() -> discord.Message:
            # discord.py closes what it has tried to send, so each try has a file of its own.
            return await channel.send(
                file=discord.File(
                    io.BytesIO(file.data), file.name, spoiler=file.spoiler, description=file.alt_text
                ),
                nonce=nonce(request.job_id, "file", part),
                allowed_mentions=discord.AllowedMentions.none(),
            )

        try:
            standing = None
            if _age_seconds(request) > NONCE_MEMORY_SECONDS:
                standing = await self._messages.find_own_file(place.channel_id, len(file.data))
            if standing is None:
                message = await retried(send)
                made = message.attachments[0]
                standing = PostedFile(message.id, made.id, made.content_type)
        except discord.HTTPException as error:
            if _is_too_large(error):
                raise MediaError("too-big-to-post") from None
            raise _no_place(error) from None
        return Attachment(
            source=MessageSource(place.channel_id, standing.message_id, standing.attachment_id),
            filename=file.name,
            size=len(file.data),
            content_type=standing.content_type,
            spoiler=file.spoiler,
        )

    async def tell_owner(self, notice: str, *, role: str, reason: str) -> None:
        """Tell the bot's owner in private what they have to see to."""
        await tell_owner(self._client, self._presenter.owner_notice(notice, role=role, reason=reason))

    async def stands(self, channel_id: int, message_id: int) -> bool:
        """Tell whether a message is still there for the bot to read."""
        return await self._messages.standing(channel_id, message_id) is Standing.THERE

    async def is_deleted(self, channel_id: int, message_id: int) -> bool:
        """Tell whether a message, or its channel, was deleted; what the bot may only not see was not."""
        return await self._messages.standing(channel_id, message_id) is Standing.DELETED

    async def may_read(self, guild_id: int, channel_id: int, message_id: int, person_id: int) -> bool:
        """Tell whether a message is still there and a person may read it."""
        try:
            allowed = await patiently(lambda: may_read(self._client, guild_id, channel_id, person_id))
        except discord.HTTPException:
            return False
        return allowed and await self.stands(channel_id, message_id)

    async def set_alt_text(self, source: MessageSource, alt_text: str) -> None:
        """Give a file that the bot posted its alt text."""
        route = discord.http.Route(
            "PATCH",
            "/channels/{channel_id}/messages/{message_id}",
            channel_id=source.channel_id,
            message_id=source.message_id,
        )
        change: dict[str, Any] = {
            "attachments": [{"id": str(source.attachment_id), "description": alt_text}],
            "allowed_mentions": {"parse": []},
        }
        try:
            await retried(lambda: self._client.http.request(route, json=change))
        except (discord.HTTPException, BusyError) as error:
            log.info("Message %s got no alt text (%s)", source.message_id, type(error).__name__)

    async def take_back(self, channel_id: int, message_ids: Sequence[int]) -> None:
        """Delete messages of the bot; those that are gone already do not matter."""
        for message_id in message_ids:
            await self._delete(channel_id, message_id)

    async def _open_thread(self, request: JobRequest, anchor: int) -> int | None:
        """Open the thread on a message; None where there can be none."""
        try:
            thread = await retried(
                lambda: self._client.http.start_thread_with_message(
                    request.origin.channel_id,
                    anchor,
                    name=self._presenter.thread_name(request),
                    auto_archive_duration=THREAD_ARCHIVE_MINUTES,
                )
            )
        except discord.HTTPException as error:
            if error.code == THREAD_EXISTS:
                return anchor  # A thread has the id of the message it was opened on.
            if error.code == UNKNOWN_MESSAGE:
                raise UserError("message-gone") from None
            if error.code in NO_THREAD_HERE:
                log.info("Job %s gets no thread (code %s)", request.job_id, error.code)
                return None
            raise _no_place(error) from None
        return int(thread["id"])

    async def _deliver(
        self, request: JobRequest, place: Place, cards: list[Card], *, in_place: bool
    ) -> list[int]:
        """Post the cards; once the first one stands, a refusal of the others leaves it at that."""
        card = place.progress_message_id
        first = card if in_place and await self._edit(request, place, cards[0]) else None
        if first is None:
            try:
                first = await self._send_result(request, place, cards[0], 0)
            except discord.HTTPException as error:
                # What may not be said anew may still be said in the place of what stands.
                if in_place or error.code in BLOCKED_BY_AUTOMOD or _is_too_large(error):
                    raise
                if not await self._edit(request, place, cards[0]):
                    raise
                first = card
        sent = [first]
        try:
            for part, each in enumerate(cards[1:], 1):
                sent.append(await self._send_result(request, place, each, part))
        except discord.HTTPException as error:
            if error.code in BLOCKED_BY_AUTOMOD or _is_too_large(error):
                raise
            log.warning("Job %s: only %d of %d messages may be posted", request.job_id, len(sent), len(cards))
        if first != card:
            await self._delete(place.channel_id, card)
        return sent

    async def _send_result(self, request: JobRequest, place: Place, card: Card, part: int) -> int:
        return await self._send_once(request, place.channel_id, card, "result", part, reply_to=place.reply_to)

    async def _show(self, request: JobRequest, place: Place, card: Card) -> None:
        if self._budget.is_tight:
            return  # What people wait for goes first; the next edit shows all of it.
        try:
            async with in_passing(self._budget, seconds=PROGRESS_SECONDS):
                await self._edit(request, place, card)
        except (discord.HTTPException, BusyError, LostFileError, TimeoutError) as error:
            log.info("Job %s: progress not shown (%s)", request.job_id, type(error).__name__)

    async def _edit(self, request: JobRequest, place: Place, card: Card) -> bool:
        """Turn the progress card into this card; False when it can no longer be edited."""
        message = self._client.get_partial_messageable(place.channel_id).get_partial_message(
            place.progress_message_id
        )
        view = to_view(card, request.job_id)
        files = await self._uploads.of(card)
        try:
            await retried(
                lambda: message.edit(
                    view=view,
                    attachments=[each.as_upload() for each in files],
                    allowed_mentions=discord.AllowedMentions.none(),
                )
            )
        except discord.HTTPException as error:
            if error.code in NOT_EDITABLE:
                return False
            raise
        return True

    async def _delete(self, channel_id: int, message_id: int) -> None:
        message = self._client.get_partial_messageable(channel_id).get_partial_message(message_id)
        try:
            await retried(message.delete)
        except discord.HTTPException as error:
            if error.code != UNKNOWN_MESSAGE:
                log.warning("Message %s could not be deleted (code %s)", message_id, error.code)

    async def _send_once(
        self,
        request: JobRequest,
        channel_id: int,
        card: Card,
        phase: str,
        part: int = 0,
        *,
        reply_to: int | None = None,
    ) -> int:
        """Send a card unless it already stands in the channel; return the message's id."""
        if _age_seconds(request) > NONCE_MEMORY_SECONDS:
            mark = marker(request.job_id, phase, part)
            standing = await self._messages.find_own(channel_id, mark)
            if standing is not None:
                return standing
        channel = self._client.get_partial_messageable(channel_id)
        reference = (
            discord.MessageReference(message_id=reply_to, channel_id=channel_id, fail_if_not_exists=False)
            if reply_to
            else None
        )
        view = to_view(card, request.job_id, phase, part)
        options: dict[str, Any] = {} if reference is None else {"reference": reference}
        files = await self._uploads.of(card)
        message = await retried(
            lambda: channel.send(
                view=view,
                files=[each.as_upload() for each in files],
                nonce=nonce(request.job_id, phase, part),
                allowed_mentions=discord.AllowedMentions.none(),
                **options,
            )
        )
        return message.id


def _age_seconds(request: JobRequest) -> float:
    """Return how long ago the request was made, by the id of what made it."""
    made = discord.utils.snowflake_time(int(request.job_id.split("-")[1]))
    return (discord.utils.utcnow() - made).total_seconds()


def _jump_link(guild_id: int | None, place: Place) -> str:
    guild = guild_id or "@me"
    return f"https://discord.com/channels/{guild}/{place.channel_id}/{place.progress_message_id}"


def _is_too_large(error: discord.HTTPException) -> bool:
    return error.code == TOO_LARGE or error.status == 413


def _no_place(error: discord.HTTPException) -> UserError:
    if isinstance(error, discord.NotFound):
        return UserError("place-gone")
    return UserError("place-forbidden")

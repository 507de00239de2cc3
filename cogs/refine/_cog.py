"""Opens the forms of refinements and passes on what people decide."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import discord
from discord.ext import commands
from services.container import Services
from services.domain import Attachment, JobRequest, MessageSource, Origin, RefineAction
from services.errors import UserError
from services.store.jobs import Job

from cogs import _inbound
from cogs._authorising import authorised
from cogs._errors import ErrorReporter
from cogs._links import find_linked_message
from cogs.refine._commands import build_commands
from cogs.refine._forms import CORRECTION, FORM, MASK, SentForm, read_form, refine_form, wish_of, words_form

ACTIONS: dict[str, RefineAction] = {
    "rfgo": "go",
    "rfframe": "frame",
    "rfmore": "more",
    "rfback": "back",
    "rftake": "take",
    "rfend": "end",
    "rforiginals": "originals",
    "rfsoften": "soften",
}
FORMS: dict[str, str] = {"rfcorrect": CORRECTION, "rfmask": MASK}


class RefineCog(commands.Cog):
    """Takes on pictures to be refined."""

    def __init__(self, bot: commands.AutoShardedBot, services: Services, reporter: ErrorReporter) -> None:
        self._bot = bot
        self._services = services
        self._reporter = reporter
        for command in build_commands(self, services.catalogue):
            bot.tree.add_command(command)

    async def refine(
        self, interaction: discord.Interaction[Any], attachment: discord.Attachment | None, link: str | None
    ) -> None:
        """Open the form for an attached or linked picture."""
        self._services.refine_desk.check()
        if attachment is not None:
            await self._keep(interaction, {attachment.id: attachment.url})
            [original] = _inbound.interaction_attachments(interaction, [attachment])
            await self._open_form(interaction, original, _inbound.command_origin(interaction))
        elif link:
            await self.refine_message(interaction, await find_linked_message(interaction, link))
        else:
            raise UserError("refine-what")

    async def refine_message(self, interaction: discord.Interaction[Any], message: discord.Message) -> None:
        """Open the form for the picture of any message, or of the one that it replies to."""
        self._services.refine_desk.check()
        original = _picture_of(message)
        if original is None and (replied := _inbound.replied_message(message)) is not None:
            original = _picture_of(replied)
        if original is None:
            raise UserError("refine-what")
        user = self._bot.user
        assert user is not None, "commands come after login"
        await self._open_form(interaction, original, _inbound.origin_of(message, user))

    @commands.Cog.listener()
    async def on_job_button(
        self, interaction: discord.Interaction[Any], action: str, job_id: str, arg: str
    ) -> None:
        """Carry out a press, or say in private why not."""
        if action not in {"refine", *ACTIONS, *FORMS}:
            return
        try:
            if action == "refine":
                await self._refine_described(interaction, job_id, int(arg or 0))
            elif action in FORMS:
                await self._job(interaction, job_id)
                form = words_form(self._services.catalogue, FORMS[action], job_id, arg)
                await interaction.response.send_modal(form)
            else:
                await interaction.response.defer()
                job = await self._job(interaction, job_id)
                stretch, number = _numbers(arg)
                await self._services.refine_desk.turn(
                    job, stretch, ACTIONS[action], by_id=interaction.user.id, number=number
                )
        except Exception as error:  # the presser is told, whatever it was
            await self._reporter.report(interaction, error)

    @commands.Cog.listener()
    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        """Read forms off the event: those opened before a restart arrive here as well."""
        form = read_form(interaction)
        if form is None:
            return
        try:
            await self._sent(interaction, form)
        except Exception as error:  # the sender is told, whatever it was
            await self._reporter.report(interaction, error)

    async def _sent(self, interaction: discord.Interaction[Any], form: SentForm) -> None:
        desk, by_id = self._services.refine_desk, interaction.user.id
        if form.action != FORM:
            await interaction.response.defer()
            job = await self._job(interaction, form.job_id)
            stretch, _ = _numbers(form.arg)
            action: RefineAction = "correct" if form.action == CORRECTION else "mask"
            words = form.texts.get("words", "").strip()
            await desk.turn(job, stretch, action, by_id=by_id, words=words)
            return
        limits = self._services.settings.refine
        wish = wish_of(form, rounds=limits.rounds, most=limits.max_rounds)
        desk.check_rounds(wish)
        from_card = interaction.message is not None
        if from_card:
            await interaction.response.defer()
        else:
            # A command's file is answered in public under this response, a message's under the message.
            await interaction.response.defer(thinking=True, ephemeral=form.arg == "private")
        await self._keep(interaction, dict(form.urls))
        await desk.begin(form.job_id, wish, by_id=by_id, interaction_id=None if from_card else interaction.id)

    async def _refine_described(self, interaction: discord.Interaction[Any], job_id: str, at: int) -> None:
        """Open the form for a picture that was described."""
        self._services.refine_desk.check()
        job = await self._services.jobs.get(job_id)
        if job is None or interaction.channel_id != job.place.channel_id:
            raise UserError("button-stale")
        original = await self._described(job, at)
        source = original.source
        origin = replace(
            job.request.origin,
            channel_id=job.place.channel_id,
            message_id=source.message_id
            if isinstance(source, MessageSource)
            else job.place.progress_message_id,
            thread_allowed=False,
            in_thread=job.place.is_thread,
        )
        # Under an answer, the question is what is wanted of the picture.
        goal = job.request.text if at >= len(job.request.attachments) else ""
        await self._open_form(interaction, original, origin, goal, job.conversation_id)

    async def _described(self, job: Job, at: int) -> Attachment:
        """Return the attachment as it was read: a command's file has a message of its own since.

        Args:
            at: Its place in the job's post; else the id of an attachment of the conversation.
        """
        if at >= len(job.request.attachments):
            return await self._item(job.conversation_id, at)
        attachment = job.request.attachments[at]
        if isinstance(attachment.source, MessageSource):
            return attachment
        conversation = await self._services.conversations.load(job.conversation_id)
        for item, _ in conversation.items:
            if attachment.filename == item.filename or item.source == attachment.source:
                return replace(attachment, source=item.source, filename=item.filename)
        raise UserError("button-stale")

    async def _item(self, conversation_id: int, attachment_id: int) -> Attachment:
        """Return a media item of a conversation as an attachment."""
        conversation = await self._services.conversations.load(conversation_id)
        for item, _ in conversation.items:
            if item.source.attachment_id == attachment_id:
                return Attachment(
                    item.source, item.filename, item.size, spoiler=item.spoiler, author_id=item.author_id
                )
        raise UserError("button-stale")

    async def _open_form(
        self,
        interaction: discord.Interaction[Any],
        original: Attachment,
        origin: Origin,
        goal: str = "",
        conversation_id: int | None = None,
    ) -> None:
        request = JobRequest(
            job_id=f"refine-{interaction.id}",
            workflow="refine_image",
            requester_id=interaction.user.id,
            origin=origin,
            attachments=(original,),
            locale=str(interaction.locale),
            conversation_id=conversation_id,
        )
        await self._services.refine_desk.draft(request)
        limits = self._services.settings.refine
        form = refine_form(
            self._services.catalogue,
            request.job_id,
            rounds=limits.rounds,
            most=limits.max_rounds,
            goal=goal,
        )
        if origin.message_id is not None:
            form.custom_id += "private"
        await interaction.response.send_modal(form)

    async def _job(self, interaction: discord.Interaction[Any], job_id: str) -> Job:
        return await authorised(self._services.jobs, interaction, job_id)

    async def _keep(self, interaction: discord.Interaction[Any], urls: dict[int, str]) -> None:
        await self._services.interactions.keep(
            interaction.id,
            token=interaction.token,
            application_id=interaction.application_id,
            expires=interaction.expires_at,
            urls=urls,
        )


def _picture_of(message: discord.Message) -> Attachment | None:
    """Return the first file that claims to be a picture, else the first file."""
    files = _inbound.attachments_of(message)
    pictures = [each for each in files if (each.content_type or "").startswith("image/")]
    return next(iter([*pictures, *files]), None)


def _numbers(arg: str) -> tuple[int, int]:
    """Return the stretch and the number (of a round or a frame) in a button's argument."""
    stretch, _, number = arg.partition("-")
    if not stretch.isdigit():
        raise UserError("button-stale")
    return int(stretch), int(number) if number.isdigit() else 0

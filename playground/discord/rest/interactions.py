"""Answers to interactions: the first response, and what follows over the interaction's token."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from playground.discord.errors import DiscordError
from playground.discord.forms.checks import one_of, required, sized, text, typed
from playground.discord.forms.mentions import USERS_ONLY
from playground.discord.forms.messages import Form, edit_message, new_message, reference_to
from playground.discord.forms.modals import check_modal
from playground.discord.interactions import Interactions, loading_message
from playground.discord.rest.call import Call, Routes
from playground.discord.state import Interaction, Message, Payload
from playground.discord.state.kinds import (
    AUTOCOMPLETE,
    CHAT_COMMAND,
    COMMAND,
    COMPONENT,
    EPHEMERAL,
    LOADING,
    MENU_COMMAND,
    MODAL,
    REPLY,
    SLASH,
)
from playground.discord.world import World

MESSAGE, DEFERRED, DEFERRED_UPDATE, UPDATE, CHOICES, SHOW_MODAL = 4, 5, 6, 7, 8, 9
_FITS = {
    COMMAND: {MESSAGE, DEFERRED, SHOW_MODAL},
    COMPONENT: {MESSAGE, DEFERRED, DEFERRED_UPDATE, UPDATE, SHOW_MODAL},
    AUTOCOMPLETE: {CHOICES},
    MODAL: {MESSAGE, DEFERRED, DEFERRED_UPDATE, UPDATE},
}
_WEBHOOK = "/webhooks/{application_id}/{token}"
_ORIGINAL = f"{_WEBHOOK}/messages/@original"
_FOLLOWUP = f"{_WEBHOOK}/messages/{{message_id}}"


class Responses:
    """Nothing here needs the bot's token: the interaction's own token is the right to answer."""

    def __init__(self, world: World, interactions: Interactions) -> None:
        self._world = world
        self._interactions = interactions

    def routes(self) -> Routes:
        return {
            ("POST", "/interactions/{interaction_id}/{token}/callback"): self._respond,
            ("GET", _ORIGINAL): self._get,
            ("PATCH", _ORIGINAL): self._edit,
            ("DELETE", _ORIGINAL): self._delete,
            ("POST", _WEBHOOK): self._follow_up,
            ("GET", _FOLLOWUP): self._get,
            ("PATCH", _FOLLOWUP): self._edit,
            ("DELETE", _FOLLOWUP): self._delete,
        }

    # ---- the first response --------------------------------------------------------------------

    def _respond(self, call: Call) -> Payload | None:
        interaction = self._interactions.to_acknowledge(call.id("interaction_id"), call.ids["token"])
        kind = one_of("type", call.fields.get("type"), _FITS[interaction.kind])
        data = typed("data", call.fields.get("data") or {}, dict)
        form = Form(data, call.files)
        match kind:
            case 4:
                self._answer(interaction, form)
            case 5:
                self._defer(interaction, form)
            case 6 | 7:
                self._update(interaction, form if kind == UPDATE else None)
            case 8:
                interaction.choices = _choices(data)
                interaction.answered = "autocomplete"
            case _:
                interaction.modal = check_modal(data)
                interaction.answered = "modal"
        self._interactions.acknowledge(interaction)
        self._world.changed()
        if call.query.get("with_response", "").lower() not in {"1", "true"}:
            return None
        return self._described(interaction, kind)

    def _answer(self, interaction: Interaction, form: Form) -> None:
        interaction.ephemeral = bool(form.flags & EPHEMERAL)
        message = self._new(interaction, form, ephemeral=interaction.ephemeral)
        interaction.answered = "message"
        self._post_response(interaction, message)

    def _defer(self, interaction: Interaction, form: Form) -> None:
        interaction.ephemeral = bool(form.flags & EPHEMERAL)
        interaction.answered = "deferred"
        self._post_response(interaction, loading_message(self._world, interaction))

    def _update(self, interaction: Interaction, form: Form | None) -> None:
        if interaction.message_id is None:
            raise DiscordError(400, 50035)
        message = self._held(interaction, interaction.message_id)
        if form is not None:
            edit_message(self._world, message, form, default_mentions=USERS_ONLY)
        interaction.answered = "update" if form else "deferred update"
        interaction.response_id = message.id
        interaction.ephemeral = message.visible_to is not None

    def _post_response(self, interaction: Interaction, message: Message) -> None:
        """Post the response below the command, or as a reply to the message with the button."""
        interaction.response_id = message.id
        message.interaction = self._metadata(interaction)
        pressed = self._world.channel(interaction.channel_id).messages.get(interaction.message_id or 0)
        if pressed is not None:
            message.type, message.reference = REPLY, self._reference(pressed)
        else:
            message.type = CHAT_COMMAND if interaction.data.get("type", SLASH) == SLASH else MENU_COMMAND
        self._world.store(message)

    def _described(self, interaction: Interaction, kind: int) -> Payload:
        shown: Payload = {"id": str(interaction.id), "type": interaction.kind}
        answer: Payload = {"interaction": shown}
        if interaction.response_id is None:
            return answer
        message = self._held(interaction, interaction.response_id)
        shown |= {
            "response_message_id": str(message.id),
            "response_message_loading": bool(message.flags & LOADING),
            "response_message_ephemeral": interaction.ephemeral,
        }
        if kind in {MESSAGE, UPDATE}:
            answer["resource"] = {"type": kind, "message": self._world.payloads.message(message, full=True)}
        return answer

    # ---- what follows --------------------------------------------------------------------------

    def _get(self, call: Call) -> Payload:
        return self._world.payloads.message(self._meant(call), full=True)

    def _edit(self, call: Call) -> Payload:
        message = self._meant(call)
        edit_message(self._world, message, call.form, default_mentions=USERS_ONLY)
        return self._world.payloads.message(message, full=True)

    def _delete(self, call: Call) -> None:
        self._world.delete(self._meant(call))

    def _follow_up(self, call: Call) -> Payload:
        interaction = self._token(call)
        form = call.form
        channel = self._world.channel(interaction.channel_id)
        original = channel.messages.get(interaction.response_id or 0)
        if original is not None and original.flags & LOADING:
            # The first one after a defer takes the place of "is thinking" and its visibility.
            edit_message(self._world, original, form, default_mentions=USERS_ONLY)
            return self._world.payloads.message(original, full=True)
        message = self._new(interaction, form, ephemeral=bool(form.flags & EPHEMERAL))
        message.interaction = self._metadata(interaction)
        if original is not None:
            message.type, message.reference = REPLY, self._reference(original)
            message.interaction["original_response_message_id"] = str(original.id)
        interaction.followups.append(message.id)
        self._world.store(message)
        return self._world.payloads.message(message, full=True)

    # ---- look-ups ------------------------------------------------------------------------------

    def _new(self, interaction: Interaction, form: Form, *, ephemeral: bool) -> Message:
        channel = self._world.channel(interaction.channel_id)
        reader_id = interaction.user.id if ephemeral else None
        return new_message(self._world, channel, form, reader_id=reader_id, default_mentions=USERS_ONLY)

    def _token(self, call: Call) -> Interaction:
        return self._interactions.with_token(call.id("application_id"), call.ids["token"])

    def _meant(self, call: Call) -> Message:
        """Return the message that a path means: the response, or one of those that followed."""
        interaction = self._token(call)
        if "message_id" not in call.ids:
            return self._held(interaction, interaction.response_id or 0)
        message_id = call.id("message_id")
        if message_id not in {interaction.response_id, *interaction.followups}:
            raise DiscordError(404, 10008)
        return self._held(interaction, message_id)

    def _held(self, interaction: Interaction, message_id: int) -> Message:
        message = self._world.channel(interaction.channel_id).messages.get(message_id)
        if message is None:
            raise DiscordError(404, 10008)
        return message

    def _reference(self, message: Message) -> Payload:
        return reference_to(message, self._world.channel(message.channel_id).guild_id)

    def _metadata(self, interaction: Interaction) -> Payload:
        guild_id = self._world.channel(interaction.channel_id).guild_id
        metadata: Payload = {
            "id": str(interaction.id),
            "type": interaction.kind,
            "user": interaction.user.payload(),
            "authorizing_integration_owners": {"0": str(guild_id or 0)},
        }
        if interaction.kind == COMPONENT:
            metadata["interacted_message_id"] = str(interaction.message_id)
        elif interaction.kind == COMMAND:
            metadata |= {"name": interaction.data["name"], "command_type": interaction.data["type"]}
        else:
            metadata["triggering_interaction_metadata"] = interaction.opened_by
        return metadata


def _choices(data: Mapping[str, Any]) -> list[Payload]:
    """Return what is proposed while a person is typing, or refuse it."""
    found = typed("data.choices", data.get("choices") or [], list)
    sized("data.choices", found, 0, 25)
    for number, each in enumerate(found):
        place = f"data.choices.{number}"
        text(f"{place}.name", required(f"{place}.name", each.get("name")), 1, 100)
        required(f"{place}.value", each.get("value"))
    return found

"""How people press buttons, choose, and fill in forms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from playground.discord.forms.modals import fields_of, is_required
from playground.discord.people.base import Side
from playground.discord.people.resolved import Resolved
from playground.discord.state import Channel, File, Interaction, Message, Payload, Role, User
from playground.discord.state.kinds import (
    ACTION_ROW,
    BUTTON,
    CHECKBOX,
    CHECKBOX_GROUP,
    COMMAND,
    COMPONENT,
    FILE_UPLOAD,
    LABEL,
    MODAL,
    RADIO_GROUP,
    STRING_SELECT,
    TEXT_INPUT,
)

Choice = str | User | Role | Channel
Filled = (
    str | bool | File | Sequence[str] | Sequence[File] | Sequence[User] | Sequence[Role] | Sequence[Channel]
)


class Components(Side):
    """Each returns the interaction, whose fields then show how the bot answers."""

    async def press(
        self, user: User, message: Message, custom_id: str, values: Sequence[Choice] = ()
    ) -> Interaction:
        """Press a button, or choose from a select.

        Args:
            user: Who.
            message: The message that it sits on.
            custom_id: Its custom id.
            values: What is chosen: values of options, or people, roles, channels.

        Raises:
            LookupError: It is not there (any more), or is switched off.
            ValueError: Too much or too little is chosen, or something that is not offered.
            PermissionError: The person does not see the message.
        """
        channel = self._world.channels[message.channel_id]
        self._require(user, channel)
        if message.visible_to not in {None, user.id}:
            raise PermissionError("only its reader sees an ephemeral message")
        component = message.component(custom_id) if message.id in channel.messages else None
        if component is None or component.get("disabled"):
            raise LookupError(f"there is nothing to press called {custom_id}")
        data: Payload = {
            "component_type": component["type"],
            "custom_id": custom_id,
            "id": component["id"],
        }
        if component["type"] != BUTTON:
            resolved = Resolved(self._world, user, self._world.guilds.get(channel.guild_id or 0))
            data["values"] = _chosen(component, values, resolved)
            # Clients take what is resolved for what was chosen, so with plain texts there is none.
            if component["type"] != STRING_SELECT:
                data["resolved"] = resolved.data
        interaction = self._interactions.start(user, channel, COMPONENT, data, message=message)
        await self.delivered()
        return interaction

    async def submit_modal(
        self, user: User, opened: Interaction, answers: Mapping[str, Filled] | None = None
    ) -> Interaction:
        """Fill in and send the form that the bot showed.

        Args:
            user: Who.
            opened: The interaction that the bot answered with the form.
            answers: By custom id: a text, a choice or several, a tick, a file or several.

        Raises:
            LookupError: The bot showed no form, or it has no such field, or a required one is empty.
            ValueError: An answer does not fit its field.
        """
        if opened.modal is None:
            raise LookupError("the bot showed no form")
        filled = dict(answers or {})
        channel = self._world.channels[opened.channel_id]
        resolved = Resolved(self._world, user, self._world.guilds.get(channel.guild_id or 0))
        values: dict[str, Payload] = {}
        for field in fields_of(opened.modal):
            custom_id = field["custom_id"]
            if custom_id not in filled and is_required(field) and not field.get("value"):
                raise LookupError(f"the field {custom_id} is required")
            values[custom_id] = self._fill(field, filled.pop(custom_id, None), resolved, channel)
        if filled:
            raise LookupError(f"there is no field {', '.join(filled)}")
        data: Payload = {
            "custom_id": opened.modal["custom_id"],
            "components": [_submitted(each, values) for each in opened.modal["components"]],
            "resolved": resolved.data,
        }
        message = channel.messages.get(opened.message_id or 0)
        interaction = self._interactions.start(user, channel, MODAL, data, message=message)
        interaction.opened_by = {
            "id": str(opened.id),
            "type": opened.kind,
            "user": user.payload(),
            "authorizing_integration_owners": {"0": str(channel.guild_id or 0)},
        } | ({"interacted_message_id": str(message.id)} if message else {})
        if opened.kind == COMMAND:
            interaction.opened_by |= {"name": opened.data["name"], "command_type": opened.data["type"]}
        await self.delivered()
        return interaction

    def _fill(self, field: Payload, answer: Any, resolved: Resolved, channel: Channel) -> Payload:
        """Return a field as it is submitted."""
        kind = field["type"]
        submitted: Payload = {"type": kind, "id": field["id"], "custom_id": field["custom_id"]}
        if kind == TEXT_INPUT:
            return submitted | {"value": _written(field, answer)}
        if kind == CHECKBOX:
            return submitted | {"value": bool(answer)}
        if kind == RADIO_GROUP:
            return submitted | {"value": answer}
        listed: Sequence[Any] = (
            answer if isinstance(answer, list | tuple) else [] if answer is None else [answer]
        )
        if kind == FILE_UPLOAD:
            uploaded = [self._upload(channel, each, ephemeral=True) for each in listed]
            return submitted | {"values": [resolved.add(each) for each in uploaded]}
        if not listed and not is_required(field):
            return submitted | {"values": []}
        if kind == CHECKBOX_GROUP:
            field = {"max_values": len(field["options"])} | field
        return submitted | {"values": _chosen(field, listed, resolved)}


def _chosen(component: Payload, values: Sequence[Choice], resolved: Resolved) -> list[str]:
    low, high = component.get("min_values", 1), component.get("max_values", 1)
    if not low <= len(values) <= high:
        raise ValueError(f"choose {low} to {high}, not {len(values)}")
    if component["type"] == STRING_SELECT or "options" in component:
        offered = [each["value"] for each in component["options"]]
        if any(each not in offered for each in values):
            raise ValueError(f"{values} are not all offered: {offered}")
    return [each if isinstance(each, str) else resolved.add(each) for each in values]


def _written(field: Payload, answer: Any) -> str:
    text = field.get("value") or "" if answer is None else answer
    if not isinstance(text, str):
        raise TypeError(f"{field['custom_id']} takes text")
    low, high = field.get("min_length") or 0, field.get("max_length") or 4000
    if text and not low <= len(text) <= high:
        raise ValueError(f"{field['custom_id']} takes {low} to {high} characters")
    return text


def _submitted(line: Payload, values: Mapping[str, Payload]) -> Payload:
    """Return a line of a form as it is submitted."""
    if line["type"] == ACTION_ROW:
        held = [values[each["custom_id"]] for each in line["components"]]
        return {"type": ACTION_ROW, "id": line["id"], "components": held}
    if line["type"] == LABEL:
        return {"type": LABEL, "id": line["id"], "component": values[line["component"]["custom_id"]]}
    return {"type": line["type"], "id": line["id"]}

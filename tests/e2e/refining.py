"""How people of the town refine pictures."""

from __future__ import annotations

import io
from typing import Any

from PIL import Image

from playground.discord import File
from playground.discord.state import Interaction, Message
from playground.models import scenes
from playground.models.scenes import Scene, Thing
from tests.e2e.conftest import Town
from tests.pictures import encoded

SCENE = Scene(
    "yellow",
    (
        Thing("circle", "red", "large", 0.2, 0.16),
        Thing("square", "blue", "small", 0.8, 0.72),
        Thing("triangle", "green", "medium", 0.8, 0.16),
    ),
    "day",
    "TIDE",
)
SIZE = (640, 480)


def picture(scene: Scene = SCENE, *, spoiler: bool = False) -> File:
    """Return a scene as a file."""
    return File("scene.png", encoded(scenes.render(scene, SIZE), "PNG"), spoiler=spoiler)


async def described(town: Town, file: File | None = None) -> Message:
    """Post a picture and wait for its description; return the post."""
    post = await town.local.post(town.ana, town.channel, files=[file or picture()])
    await town.settled(post)
    return post


async def form(town: Town, interaction: Interaction) -> Interaction:
    """Wait for the form that answers an interaction."""
    await town.local.wait_for(lambda: interaction.modal, what="a form")
    return interaction


async def begun(town: Town, post: Message, **answers: Any) -> Interaction:
    """Press Refine on a described picture and send the form."""
    card, button = await town.card_with(post, ":refine:")
    opened = await form(town, await town.local.press(town.ana, card, button))
    return await town.local.submit_modal(town.ana, opened, answers)


async def commanded(town: Town, file: File, **answers: Any) -> Message:
    """Use `/refine` with a file and send the form; return the response that the thread hangs on."""
    await town.commands_synced()
    invoked = await town.local.invoke(town.ana, town.channel, "refine", {"attachment": file})
    opened = await form(town, invoked)
    sent = await town.local.submit_modal(town.ana, opened, answers)
    return await town.local.wait_for(
        lambda: sent.response_id and town.channel.messages.get(sent.response_id), what="a response"
    )


async def board(town: Town, post: Message, *, without: int = 0) -> Message:
    """Wait for the card that says where a refinement stands, and is newer than `without`."""

    def found() -> Message | None:
        thread = town.local.thread_of(post)
        cards = [
            each
            for each in (town.local.messages(thread) if thread else [])
            if each.id > without and any(":rforiginals:" in part for part in each.custom_ids())
        ]
        return cards[-1] if cards else None

    return await town.local.wait_for(found, timeout=90, what="a board")


async def pressed(town: Town, card: Message, action: str) -> Interaction:
    """Press a button of a card."""
    [button] = [each for each in card.custom_ids() if f":{action}:" in each]
    return await town.local.press(town.ana, card, button)


def rounds(town: Town, post: Message) -> list[Message]:
    """Return the messages of the rounds, in order."""
    thread = town.local.thread_of(post)
    posted = town.local.messages(thread) if thread else []
    return [each for each in posted if each.text.startswith("### Round ")]


def drawn(town: Town) -> list[str]:
    """Return the prompts of all pictures that were drawn and paid for."""
    return [each.prompt for each in town.models.calls if "/images/" in each.path and each.status == 200]


def scene_in(message: Message) -> Scene | None:
    """Return the scene that a message's picture shows."""
    with Image.open(io.BytesIO(message.attachments[0].file.data)) as image:
        return scenes.recognise(image)


def told(town: Town, interaction: Interaction) -> list[str]:
    """Return what an interaction's user was told in private."""
    held = town.local.world.channels[interaction.channel_id].messages
    ids = [*interaction.followups, *([interaction.response_id] if interaction.response_id else [])]
    return [held[each].content for each in ids if each in held and held[each].content]

"""A picture is drawn, compared and corrected, round after round, with a person in the loop."""

from __future__ import annotations

from playground.discord import File
from playground.discord.state import Interaction, Message
from playground.models import scenes
from playground.models.scenes import Scene, Thing
from tests.bots import running_bot
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


def picture(scene: Scene = SCENE) -> File:
    return File("scene.png", encoded(scenes.render(scene, SIZE), "PNG"))


async def described(town: Town, scene: Scene = SCENE) -> Message:
    """Post a picture and wait for its description; return the post."""
    post = await town.local.post(town.ana, town.channel, files=[picture(scene)])
    await town.settled(post)
    return post


async def form_opened(town: Town, interaction: Interaction) -> Interaction:
    await town.local.wait_for(lambda: interaction.modal, what="a form")
    return interaction


async def begun(town: Town, post: Message, **answers: object) -> Interaction:
    """Press Refine on a described picture and send the form."""
    card, button = await town.card_with(post, ":refine:")
    opened = await form_opened(town, await town.local.press(town.ana, card, button))
    return await town.local.submit_modal(town.ana, opened, answers)  # type: ignore[arg-type]


def own(town: Town, post: Message) -> list[Message]:
    thread = town.local.thread_of(post)
    return [each for each in town.local.messages(thread) if each.author.bot] if thread else []


async def test_loop_reaches_the_target(town: Town) -> None:
    """From a poor description and with a noisy judge the loop gets to the original."""
    import dataclasses

    town.models.abilities = dataclasses.replace(
        town.models.abilities, poor_describer=True, judge_noise=10.0, seed=4
    )
    async with running_bot(town.local, town.models, town.folder) as bot:
        post = await described(town)
        await begun(town, post, rounds="6")
        try:
            card, _ = await town.card_with(post, ":rfmore:")
        except AssertionError:
            print(bot.log.read_text())
            for each in own(town, post):
                print(each.text)
            raise
        for each in own(town, post):
            print(each.text, [a.file.name for a in each.attachments], each.custom_ids())
    for each in town.models.calls:
        print(each.path, each.status, each.tokens, each.answered[:1500] if each.path.endswith("responses") else each.prompt)
    assert 0

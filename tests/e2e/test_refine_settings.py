"""What outlives a process of refinements, and what the settings say about them."""

from __future__ import annotations

from dataclasses import replace

from playground.discord.state import Interaction, Message
from tests.bots import ROOT, running_bot
from tests.e2e import refining
from tests.e2e.conftest import Town
from tests.e2e.refining import board, pressed, rounds


async def test_buttons_and_forms_outlive_the_process(town: Town) -> None:
    """A form that was opened before a restart works after it, as buttons do; a double click is one round."""
    async with running_bot(town.local, town.models, town.folder):
        post = await refining.described(town)
        card, button = await town.card_with(post, ":refine:")
        opened = await refining.form(town, await town.local.press(town.ana, card, button))
    async with running_bot(town.local, town.models, town.folder):
        await town.local.submit_modal(town.ana, opened, {"rounds": "1"})
        await town.local.submit_modal(town.ana, opened, {"rounds": "1"})
        first = await board(town, post)
    async with running_bot(town.local, town.models, town.folder):
        await pressed(town, first, "rfmore")
        await pressed(town, first, "rfmore")
        await board(town, post, without=first.id)

    assert len(refining.drawn(town)) == len(rounds(town, post)) == 2


async def test_without_an_image_model_the_setting_is_named(town: Town) -> None:
    """No form opens; the person reads which setting is missing, and described pictures offer nothing."""
    config = town.folder / "config.toml"
    config.write_text('[models.image]\nmodel = "none"\napi = "off"\n')
    offline = {"ISTHMUS_CONFIG": str(config)}
    async with running_bot(town.local, town.models, town.folder, environment=offline):
        await town.commands_synced()
        post = await refining.described(town)
        thread = town.local.thread_of(post)
        assert thread is not None
        assert not any(":refine:" in part for each in town.local.messages(thread) for part in each.custom_ids())
        invoked = await town.local.use_menu(town.ana, "Refine", post)
        said = await town.local.wait_for(lambda: refining.told(town, invoked))

    assert "models.image" in said[0]


async def test_limit_of_money_stops_a_loop(town: Town) -> None:
    """Before each drawing its estimate is held against the loop's limit; what was made stays."""
    town.models.abilities = replace(town.models.abilities, poor_describer=True)
    config = town.folder / "config.toml"
    prices = (ROOT / "config.toml").read_text().partition("# USD per million tokens")[2].partition("\n[")[2]
    config.write_text(f"[refine]\nloop_usd = 0.05\ntarget = 100\n[{prices}")
    async with running_bot(
        town.local, town.models, town.folder, environment={"ISTHMUS_CONFIG": str(config)}
    ) as bot:
        post = await refining.described(town)
        await refining.begun(town, post, rounds="4")
        end = await board(town, post)
        stranger = await pressed_by_ben(town, end)
        said = await town.local.wait_for(lambda: refining.told(town, stranger))
        assert not bot.has_ended

    assert "money for this is used up" in end.text
    assert "0.05 USD" in end.text
    assert len(rounds(town, post)) == 1
    assert "Only the person who asked" in said[0]


async def pressed_by_ben(town: Town, card: Message) -> Interaction:
    """Let a stranger press Continue."""
    [button] = [each for each in card.custom_ids() if ":rfmore:" in each]
    return await town.local.press(town.ben, card, button)

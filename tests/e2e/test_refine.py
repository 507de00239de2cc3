"""A picture is drawn, compared and corrected, round after round, with a person in the loop."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PIL import Image

from playground.discord import File
from playground.models import scenes
from playground.models.scenes import Scene
from tests.e2e import refining
from tests.e2e.conftest import Town
from tests.e2e.refining import SCENE, board, pressed, rounds
from tests.pictures import animation, encoded, photo, png_bomb
from tests.playground.scene import film

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture
def town(quarter: Town) -> Town:
    return quarter


async def test_loop_reaches_the_target(town: Town) -> None:
    """From a poor description, with a noisy judge and an erring drawer, it gets to the original and stops."""
    town.models.abilities = replace(
        town.models.abilities, poor_describer=True, judge_noise=10.0, drawer="one_wrong", seed=4
    )
    post = await refining.described(town)
    await refining.begun(town, post, rounds="4")
    end = await board(town, post)

    assert "as close as it needs to be" in end.text
    made = rounds(town, post)
    assert 2 <= len(made) <= 4
    first, last = refining.scene_in(made[0]), refining.scene_in(made[-1])
    assert first is not None
    assert last is not None
    assert len(scenes.differences(SCENE, last)) <= 1 < len(scenes.differences(SCENE, first))
    assert [each.file.name for each in end.attachments] == ["strip.jpg", "chart.png"]
    assert all(each.alt for message in [end, *made] for each in message.attachments)
    for name in ("Subject", "Layout", "Colour", "Light", "Text", "Style", "USD so far"):
        assert name in made[0].text
    assert "New in the prompt" in made[1].text
    reading = [each for each in town.models.calls if len(each.sights) == 1 and each.path.endswith("/responses")]
    assert len(reading) == 1, "the description that was there is not paid again"


async def test_lying_judge_is_flagged_and_does_not_decide(town: Town) -> None:
    """When the judge praises a picture that measures worse, this is said, and the better one stays the best."""
    town.models.abilities = replace(town.models.abilities, lying_judge=True)
    post = await refining.described(town)
    await refining.begun(town, post, rounds="1")
    first = await board(town, post)
    town.models.abilities = replace(town.models.abilities, drawer="ignores_places")
    await pressed(town, first, "rfmore")
    end = await board(town, post, without=first.id)

    assert "praises this picture" in rounds(town, post)[-1].text
    assert "praises this picture" not in rounds(town, post)[0].text
    assert "Best: round 1" in end.text


async def test_best_round_is_kept_when_a_later_one_is_worse(town: Town) -> None:
    """What is taken is the best round, not the last; and it can be taken, with all pictures as files."""
    post = await refining.described(town)
    await refining.begun(town, post, rounds="1")
    first = await board(town, post)
    town.models.abilities = replace(town.models.abilities, drawer="ignores_places")
    await pressed(town, first, "rfmore")
    second = await board(town, post, without=first.id)
    assert "Best: round 1" in second.text
    await pressed(town, second, "rftake")
    taken = await board(town, post, without=second.id)
    await pressed(town, taken, "rforiginals")
    thread = town.local.thread_of(post)
    assert thread is not None
    files = await town.local.wait_for(
        lambda: [each for each in town.local.messages(thread) if len(each.attachments) == 3]
    )

    assert "Round 1 is your picture" in taken.text
    shown = refining.scene_in(taken)
    assert shown is not None
    assert not scenes.differences(SCENE, shown)
    assert [each.file.name for each in files[0].attachments] == ["original.png", "round-1.png", "round-2.png"]
    standing = [each.id for each in town.local.messages(thread)]
    assert first.id not in standing, "one board at a time"


async def test_correction_is_the_strongest_words_of_the_next_request(town: Town) -> None:
    """What a person corrects stands before everything else in the next prompt, the newest first."""
    post = await refining.described(town)
    await refining.begun(town, post, rounds="1")
    card = await board(town, post)
    for words in ("a small orange star at the bottom left", "no writing at all"):
        opened = await refining.form(town, await pressed(town, card, "rfcorrect"))
        await town.local.submit_modal(town.ana, opened, {"words": words})
        card = await board(town, post, without=card.id)

    prompts = refining.drawn(town)
    assert len(prompts) == 3
    assert prompts[1].splitlines()[1] == "- a small orange star at the bottom left"
    assert prompts[2].splitlines()[1:3] == ["- no writing at all", "- a small orange star at the bottom left"]
    second = refining.scene_in(rounds(town, post)[1])
    assert second is not None
    assert any(each.name == "orange star" for each in second.things)
    judging = [each for each in town.models.calls if len(each.sights) == 2]
    assert "a small orange star" in judging[1].text


async def test_stop_ends_within_one_call_and_can_go_on(town: Town) -> None:
    """Stop interrupts the call that runs; what was made stays, and Continue goes on from it."""
    town.models.abilities = replace(town.models.abilities, poor_describer=True)
    post = await refining.described(town)
    await refining.begun(town, post, rounds="4")
    await town.local.wait_for(lambda: rounds(town, post), timeout=90, what="a round")
    town.models.latency = 5.0
    card, button = await town.card_with(post, ":stop:")
    stranger = await town.local.press(town.ben, card, button)
    said = await town.local.wait_for(lambda: refining.told(town, stranger))
    assert "Only the person who asked" in said[0]
    calls = len(town.models.calls)
    await town.local.press(town.ana, card, button)
    end = await board(town, post)
    assert "Stopped by" in end.text
    assert len(town.models.calls) <= calls + 1
    made = len(rounds(town, post))
    town.models.latency = 0.0
    await pressed(town, end, "rfmore")
    await board(town, post, without=end.id)
    assert len(rounds(town, post)) > made


async def test_going_back_starts_again_from_an_earlier_round(town: Town) -> None:
    """Back to a round makes it the best one, without paying for anything."""
    town.models.abilities = replace(town.models.abilities, poor_describer=True)
    post = await refining.described(town)
    await refining.begun(town, post, rounds="2")
    end = await board(town, post)
    assert "Best: round 2" in end.text
    calls = len(town.models.calls)
    await pressed(town, end, "rfback")
    back = await board(town, post, without=end.id)

    assert "Best: round 1" in back.text
    assert len(town.models.calls) == calls


async def test_words_become_a_mask_that_is_shown_before_money_is_spent(town: Town) -> None:
    """ "only the red circle": the part is shown, and once confirmed nothing else changes."""
    post = await refining.described(town)
    await refining.begun(town, post, goal="a purple circle", limits="only the blue square", rounds="1")
    card, _ = await town.card_with(post, ":rfgo:")
    assert [each.file.name for each in card.attachments] == ["overlay.jpg", "mask.png"]
    assert not refining.drawn(town)
    opened = await refining.form(town, await pressed(town, card, "rfmask"))
    await town.local.submit_modal(town.ana, opened, {"words": "only the red circle"})
    other = await town.local.wait_for(
        lambda: next(
            (
                each
                for each in town.local.messages(town.local.thread_of(post) or town.channel)
                if each.id != card.id and any(":rfgo:" in part for part in each.custom_ids())
            ),
            None,
        )
    )
    await pressed(town, other, "rfgo")
    await board(town, post)

    [call] = [each for each in town.models.calls if each.path.endswith("/images/edits")]
    assert [each.field for each in call.uploads][-1] == "mask"
    changed = refining.scene_in(rounds(town, post)[0])
    assert changed is not None
    names = {each.name for each in changed.things}
    assert {"blue square", "green triangle", "purple circle"} <= names


async def test_goal_edits_the_original_and_the_best(town: Town) -> None:
    """A later round of an edit goes from the original and the best candidate, never from a copy of a copy."""
    post = await refining.described(town)
    await refining.begun(town, post, goal="a purple star at the bottom left", rounds="1")
    first = await board(town, post)
    await pressed(town, first, "rfmore")
    await board(town, post, without=first.id)

    edits = [each for each in town.models.calls if each.path.endswith("/images/edits")]
    assert [len(each.sights) for each in edits] == [1, 2]
    firsts = [each.sights[0].scene for each in edits]
    assert not any(each is None or scenes.differences(SCENE, each) for each in firsts)


async def test_command_with_a_spoilered_file(town: Town) -> None:
    """`/refine` posts the file in a thread and refines it there; a spoiler stays one."""
    file = File("SPOILER_scene.png", refining.picture().data)
    response = await refining.commanded(town, file, rounds="1")
    end = await board(town, response)

    assert len(rounds(town, response)) == 1
    for message in [end, *rounds(town, response)]:
        assert '"spoiler": true' in str(message.components).replace("'", '"').replace("True", "true")


async def test_animation_asks_for_a_moment(town: Town) -> None:
    """Of what moves one numbered moment is chosen, and that one is refined."""
    other = Scene("blue", SCENE.things, "day", "")
    frames = [scenes.render(each, refining.SIZE) for each in (SCENE, other)]
    file = File("moving.gif", animation(frames, "GIF", duration=600))
    post = await refining.described(town, file)
    await refining.begun(town, post, rounds="1")
    card, _ = await town.card_with(post, ":rfframe:")
    assert card.attachments[0].alt
    last = [each for each in card.custom_ids() if ":rfframe:" in each][-1]
    await town.local.press(town.ana, card, last)
    await board(town, post)

    made = refining.scene_in(rounds(town, post)[0])
    assert made is not None
    assert made.background == "blue"


@pytest.mark.parametrize("number", ["0", "99", "many"])
async def test_rounds_out_of_bounds_are_refused_at_once(town: Town, number: str) -> None:
    """The sender of the form is told which numbers make sense; nothing starts."""
    post = await refining.described(town)
    sent = await refining.begun(town, post, rounds=number)
    said = await town.local.wait_for(lambda: refining.told(town, sent))

    assert "1 to 8 rounds" in said[0]
    assert not refining.drawn(town)


@pytest.mark.parametrize(
    ("file", "sentence"),
    [
        (File("a.mp4", film()), "pictures only"),
        (File("dot.png", encoded(photo().resize((1, 1)), "PNG")), "larger one"),
        (File("huge.png", png_bomb(10_000, 5_001)), "50 megapixels"),
        (File("a.txt", b"nothing to see here, only words"), "text file"),
    ],
    ids=["video", "dot", "too many pixels", "text"],
)
async def test_what_cannot_be_refined_is_said(town: Town, file: File, sentence: str) -> None:
    """A video, a picture of one pixel and a text each end in one sentence that says what would fit."""
    response = await refining.commanded(town, file)
    messages = await town.settled(response)

    assert sentence in messages[-1].text
    assert not refining.drawn(town)


async def test_blocked_prompt_offers_milder_words_once(town: Town) -> None:
    """What the safety rules refuse ends in a sentence and one offer to reword it."""
    post = await refining.described(town)
    await refining.begun(town, post, goal="FLAGME now", rounds="1")
    card, button = await town.card_with(post, ":rfsoften:")
    assert "safety rules" in card.text
    await town.local.press(town.ana, card, button)
    end = await town.local.wait_for(
        lambda: next(
            (
                each
                for each in town.local.messages(town.local.thread_of(post) or town.channel)
                if each.id != card.id and any(":rfend:" in part for part in each.custom_ids())
            ),
            None,
        )
    )
    assert not any(":rfsoften:" in each for each in end.custom_ids())


async def test_deleted_source_takes_everything_along(town: Town) -> None:
    """When the author deletes the picture in mid-loop, the loop ends and all that it posted goes."""
    town.models.abilities = replace(town.models.abilities, poor_describer=True)
    post = await refining.described(town)
    await refining.begun(town, post, rounds="4")
    await town.local.wait_for(lambda: rounds(town, post), timeout=90, what="a round")
    town.models.latency = 3.0
    thread = town.local.thread_of(post)
    assert thread is not None
    await town.local.erase(post)
    await town.local.wait_for(lambda: not town.local.messages(thread), what="an empty thread")


async def test_uploaded_mask_of_another_size_without_alpha_is_shown_first(town: Town) -> None:
    """What had to be guessed about a mask is said, and nothing is paid before it is confirmed."""
    white_on_black = Image.new("L", (320, 200))
    white_on_black.paste(255, (10, 10, 120, 90))
    mask = File("mask.jpg", encoded(white_on_black))
    post = await refining.described(town)
    await refining.begun(town, post, goal="a purple circle", files=[mask], rounds="1")
    card, _ = await town.card_with(post, ":rfgo:")
    assert not refining.drawn(town)
    await pressed(town, card, "rfgo")
    await board(town, post)

    assert "light parts" in card.text
    assert "another shape" in card.text
    [call] = [each for each in town.models.calls if each.path.endswith("/images/edits")]
    assert [each.field for each in call.uploads][-1] == "mask"


async def test_reference_picture_goes_along(town: Town) -> None:
    """A picture to go by is posted in the thread with alt text and sent with each drawing."""
    other = File("style.png", encoded(photo(), "PNG"))
    post = await refining.described(town)
    await refining.begun(town, post, goal="a purple circle", files=[other], rounds="1")
    await board(town, post)

    [call] = [each for each in town.models.calls if each.path.endswith("/images/edits")]
    assert len(call.sights) == 2
    assert not any(each.metadata for each in call.sights)


async def test_menu_on_words_alone_says_what_it_needs(town: Town) -> None:
    """A message without a picture, whose replied one has none either, cannot be refined."""
    await town.commands_synced()
    words = await town.local.post(town.ben, town.channel, "no picture here")
    invoked = await town.local.use_menu(town.ana, "Refine", words)
    said = await town.local.wait_for(lambda: refining.told(town, invoked))

    assert "attach a picture" in said[0]


async def test_plain_words_in_the_thread_lead_to_a_refinement(town: Town) -> None:
    """Who asks for a night scene gets a Refine button, whose form has the words in it."""
    post = await refining.described(town)
    thread = town.local.thread_of(post)
    assert thread is not None
    question = await town.local.post(town.ana, thread, "draw item 1 as a night scene")
    answer = await town.replied(question)
    [button] = [each for each in answer.custom_ids() if ":refine:" in each]
    opened = await refining.form(town, await town.local.press(town.ana, answer, button))

    assert "draw item 1 as a night scene" in str(opened.modal)

"""The page in a real browser: two people, a bot at its REST API, mouse, keyboard and files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp

from playground.discord import File, LocalDiscord
from playground.discord.state.kinds import IS_VOICE
from playground.page import Founded, Page, found
from tests.pictures import encoded, photo
from tests.playground.bot_client import BotClient
from tests.playground.chat_page.conftest import OpenTab
from tests.playground.chromium import Chromium
from tests.playground.scene import COMMANDS, play, progress
from tests.playground.screenshots import providers

TEXTS = "[...document.querySelectorAll('.pane.channel .message .text')].map((each) => each.textContent)"


async def test_two_people_talk(open_tab: OpenTab, local: LocalDiscord, founded: Founded) -> None:
    """What one writes the other sees at once, typing before and reactions after it included."""
    ana, ben = await open_tab("ana"), await open_tab("ben")
    await ana.click(".composer .write")
    await ana.write("hello **Ben**")
    await ben.until("document.querySelector('.typing').textContent.includes('Ana is typing')")
    await ana.press("Enter")
    await ben.until(f"{TEXTS}[0] === 'hello Ben'")
    assert await ben.value("document.querySelector('.message strong').textContent") == "Ben"
    assert await ben.value("document.querySelector('.typing').textContent") == ""
    [message] = local.messages(founded.channel)
    await local.react(founded.people[1], message, "🎉")
    await ana.until("document.querySelector('.reaction[aria-pressed=false]')?.textContent === '🎉1'")
    await ana.click(".reaction")
    await ben.until("document.querySelector('.reaction')?.textContent === '🎉2'")


async def test_own_message_is_edited_and_deleted(
    open_tab: OpenTab, local: LocalDiscord, founded: Founded
) -> None:
    """Arrow up edits the last one; its menu deletes it, after a question."""
    await local.post(founded.people[0], founded.channel, "helo")
    tab = await open_tab("ana")
    await tab.until(f"{TEXTS}[0] === 'helo'")
    await tab.click(".composer .write")
    await tab.press("ArrowUp")
    await tab.until("document.activeElement.closest('.message')")
    await tab.value("document.activeElement.select()")
    await tab.write("hello")
    await tab.press("Enter")
    await tab.until("document.querySelector('.edited') && " + f"{TEXTS}[0].startsWith('hello')")
    await tab.click(".message", button="right")
    await tab.click(".menu .danger")
    await tab.click(".menu .danger")
    await tab.until("!document.querySelector('.message')")
    assert not local.messages(founded.channel)


async def test_files_are_attached_described_and_hidden(
    open_tab: OpenTab, local: LocalDiscord, founded: Founded, tmp_path: Path
) -> None:
    """Files go through the real file input; alt text and spoiler go with them."""
    picture = tmp_path / "cat.png"
    picture.write_bytes(encoded(photo("chelsea"), "PNG"))
    (tmp_path / "notes.txt").write_text("notes")
    tab = await open_tab("ana")
    await tab.choose_files(".composer .file-input", picture, tmp_path / "notes.txt")
    await tab.click(".tray-item .alt-field")
    await tab.write("A cat looks at you")
    await tab.click(".tray-item [aria-label^='Mark cat.png']")
    await tab.click(".composer .send")
    await tab.until("document.querySelector('.message .cover')")
    assert await tab.value("document.querySelector('.message .media').inert")
    await tab.click(".message .cover")
    await tab.until("document.querySelector('.message img').naturalWidth === 451")
    assert await tab.value("document.querySelector('.message img').alt") == "A cat looks at you"
    assert await tab.value("document.querySelector('.file-name a').textContent") == "notes.txt"
    await tab.click(".message .picture")
    await tab.until("document.querySelector('dialog.lightbox .caption').textContent === 'A cat looks at you'")
    await tab.press("Escape")
    await tab.until("!document.querySelector('dialog')")
    [message] = local.messages(founded.channel)
    assert [each.is_spoiler for each in message.attachments] == [True, False]


async def test_files_are_pasted_and_dropped(open_tab: OpenTab, local: LocalDiscord, founded: Founded) -> None:
    """Files of the clipboard and of a drop land in the tray."""
    tab = await open_tab("ana")
    await tab.value(
        """(() => {
          const data = new DataTransfer();
          data.items.add(new File(["pasted"], "pasted.txt"));
          document.querySelector(".write").dispatchEvent(
            new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}));
          const dropped = new DataTransfer();
          dropped.items.add(new File(["dropped"], "dropped.txt"));
          document.querySelector(".pane").dispatchEvent(
            new DragEvent("drop", {dataTransfer: dropped, bubbles: true, cancelable: true}));
        })()"""
    )
    await tab.until("document.querySelectorAll('.tray-item').length === 2")
    await tab.press("Enter")
    await tab.until("document.querySelectorAll('.message .file').length === 2")
    [message] = local.messages(founded.channel)
    assert [each.file.data for each in message.attachments] == [b"pasted", b"dropped"]


async def test_voice_note_is_recorded_and_measured(
    open_tab: OpenTab, local: LocalDiscord, founded: Founded
) -> None:
    """The microphone's sound arrives as a voice note with its length and a waveform that moves."""
    tab = await open_tab("ana")
    await tab.click('[aria-label="Record a voice note"]')
    await tab.until("document.querySelector('.recording .time').textContent === '0:02'")
    await tab.click('[aria-label="Send the voice note"]')
    await tab.until("document.querySelector('.player.voice')")
    [message] = local.messages(founded.channel)
    [held] = message.attachments
    assert message.flags & IS_VOICE
    assert held.file.data.startswith(b"\x1aE\xdf\xa3")  # WebM: nobody converts it in this test
    assert held.file.duration_secs is not None
    assert 1.5 < held.file.duration_secs < 10
    assert held.file.waveform


async def test_card_changes_under_ones_eyes_and_keeps_the_focus(
    open_tab: OpenTab, founded: Founded, bot: BotClient
) -> None:
    """A progress card moves; the button that has the focus keeps it."""
    message = await bot.card(founded.channel, *progress(1, 5))
    tab = await open_tab("ana")
    await tab.until("document.querySelector('.container').textContent.includes('piece 1 of 5')")
    await tab.value("document.querySelector('[data-custom=\"v1:stop:2\"]').focus()")
    await bot.edit(message, {"components": progress(4, 5)})
    await tab.until("document.querySelector('.container').textContent.includes('piece 4 of 5')")
    assert await tab.value("document.activeElement.dataset.custom") == "v1:stop:2"


async def test_button_opens_a_form_of_words_and_choices(
    open_tab: OpenTab, founded: Founded, bot: BotClient
) -> None:
    """Press, fill in, submit; what is missing is said; an ephemeral answer comes and is dismissed."""
    await bot.post(founded.channel, {"content": "x", "components": [BUTTON]})
    tab = await open_tab("ana")
    await tab.click('[data-custom="refine"]')
    pressed = await bot.next_interaction()
    await bot.respond(pressed, 9, CHOICES_FORM)
    await tab.until("document.querySelector('dialog.modal h2').textContent === 'Refine it'")
    await tab.click("dialog .primary")
    await tab.until("document.querySelector('dialog .problem').textContent.includes('What to change')")
    await tab.write("more light")
    await tab.click("dialog .form-field:nth-of-type(2) .select")
    await tab.click(".chooser [data-value='oil']")
    await tab.click("dialog .form-field:nth-of-type(3) .select")
    await tab.click(f".chooser [data-value='{founded.people[1].id}']")
    await tab.click("dialog input[type=radio][value='strong']")
    await tab.click("dialog input[type=checkbox][value='faces']")
    await tab.click("dialog .primary")
    submitted = await bot.next_interaction(after=pressed.id)
    await bot.respond(submitted, 4, {"content": "On it.", "flags": 64})
    await tab.until("document.querySelector('.message.ephemeral')?.textContent.includes('On it.')")
    await tab.until("!document.querySelector('dialog')")
    values = {each["component"]["custom_id"]: each["component"] for each in submitted.data["components"]}
    assert values["change"]["value"] == "more light"
    assert values["style"]["values"] == ["oil"]
    assert values["whom"]["values"] == [str(founded.people[1].id)]
    assert values["strength"]["value"] == "strong"
    assert values["keep"]["values"] == ["faces"]
    await tab.click(".only-you button")
    await tab.until("!document.querySelector('.message.ephemeral')")


async def test_form_takes_files_and_survives_a_bot_that_is_silent(
    open_tab: OpenTab, local: LocalDiscord, founded: Founded, bot: BotClient, tmp_path: Path
) -> None:
    """Without an answer the form stays as it was filled in, with a sentence; the second try goes through."""
    await bot.post(founded.channel, {"content": "x", "components": [BUTTON]})
    (tmp_path / "reference.txt").write_text("like this")
    tab = await open_tab("ana")
    await tab.click('[data-custom="refine"]')
    pressed = await bot.next_interaction()
    await bot.respond(pressed, 9, FILES_FORM)
    await tab.until("document.querySelector('dialog .text strong')")
    await tab.choose_files("dialog input[type=file]", tmp_path / "reference.txt")
    await tab.until("document.querySelector('dialog .chosen-files li')")
    await tab.click("dialog input[type=checkbox]")
    local.interactions.acknowledge_seconds = 0.05
    await tab.click("dialog .primary")
    await tab.until("document.querySelector('.toast')?.textContent.includes('three seconds')")
    local.interactions.acknowledge_seconds = 20
    await tab.until("!document.querySelector('dialog .primary').disabled")
    await tab.click("dialog .primary")
    submitted = await bot.next_interaction(after=pressed.id)
    await bot.respond(submitted, 6)
    await tab.until("!document.querySelector('dialog')")
    held = [each["component"] for each in submitted.data["components"] if "component" in each]
    assert [each.get("value") for each in held] == [None, True]
    [file] = submitted.data["resolved"]["attachments"].values()
    assert file["filename"] == "reference.txt"


async def test_select_of_a_message_is_chosen_by_keys(
    open_tab: OpenTab, founded: Founded, bot: BotClient
) -> None:
    """Several values are ticked and sent together when the list is closed."""
    options = [{"label": each, "value": each} for each in ("red", "green", "blue")]
    select = {"type": 3, "custom_id": "colours", "min_values": 1, "max_values": 3, "options": options}
    await bot.post(founded.channel, {"content": "x", "components": [{"type": 1, "components": [select]}]})
    tab = await open_tab("ana")
    await tab.until("document.querySelector('.select')")
    await tab.value("document.querySelector('.select').focus()")
    await tab.press("Enter")
    await tab.until("document.activeElement.matches('.choice')")
    await tab.press("Enter")
    await tab.press("ArrowDown", times=2)
    await tab.press("Enter")
    await tab.press("Escape")
    chosen = await bot.next_interaction()
    assert chosen.data["values"] == ["red", "blue"]
    await bot.respond(chosen, 6)


async def test_command_is_found_filled_in_and_used_by_keys_alone(
    open_tab: OpenTab, founded: Founded, bot: BotClient
) -> None:
    """Slash, letters, arrows, Enter; the bot proposes words while one types."""
    await bot.sync(*COMMANDS)
    tab = await open_tab("ana")
    await tab.until("document.activeElement.matches('.write')")
    await tab.write("/")
    await tab.until("document.querySelectorAll('.pick').length === 5")
    await tab.write("fi")
    await tab.until("document.querySelectorAll('.pick').length === 1")
    await tab.press("Enter")
    await tab.until("document.activeElement.matches('.option input')")
    await bot.respond(await bot.next_interaction(), 8, {"choices": []})
    await tab.write("ti")
    asked = await bot.next_interaction()
    assert asked.data["options"][0]["value"] == "ti"
    await bot.respond(asked, 8, {"choices": [{"name": "the tide", "value": "tide-7"}]})
    await tab.until("document.querySelector('.completions .choice')?.textContent === 'the tide'")
    await tab.press("ArrowDown")
    await tab.press("Enter")
    await tab.until("document.activeElement.value === 'the tide'")
    await tab.press("Enter")
    used = await bot.next_interaction(after=asked.id)
    assert used.data["options"] == [{"name": "words", "type": 3, "value": "tide-7"}]
    await bot.respond(used, 5)
    await tab.until("document.querySelector('.thinking')")
    await bot.ask("PATCH", f"/webhooks/{bot.app_id}/{used.token}/messages/@original", {"content": "Found it."})
    await tab.until("document.querySelector('.message .text')?.textContent.includes('Found it.')")
    assert await tab.value("document.activeElement.matches('.write')")


async def test_menus_of_messages_and_people_hold_the_bots_commands(
    open_tab: OpenTab, local: LocalDiscord, founded: Founded, bot: BotClient
) -> None:
    """A right click offers the commands for messages, a click on a face those for people."""
    await bot.sync(*COMMANDS)
    message = await local.post(founded.people[1], founded.channel, "read me")
    tab = await open_tab("ana")
    await tab.click(".message", button="right")
    await tab.until("document.querySelector('.menu').textContent.includes('Transcribe')")
    await tab.value(
        """[...document.querySelectorAll('.menu-item')]
          .find((each) => each.textContent === 'Describe').click()"""
    )
    used = await bot.next_interaction()
    assert (used.data["name"], used.data["target_id"]) == ("Describe", str(message.id))
    await bot.respond(used, 4, {"content": "It says: read me.", "flags": 64})
    await tab.click(".avatar-button")
    await tab.until("document.querySelector('.member-card').textContent.includes('Ben')")
    await tab.click(".member-card .menu-item")
    asked = await bot.next_interaction(after=used.id)
    assert (asked.data["name"], asked.data["target_id"]) == ("What is kept", str(founded.people[1].id))
    await bot.respond(asked, 4, {"content": "Nothing.", "flags": 64})


async def test_panel_tells_what_happened_and_breaks_things(chromium: Chromium) -> None:
    """Steps, calls, money and the very picture that the model was sent; fault buttons reach their handler."""
    caused: list[str] = []
    armed = ["model-slow"]
    local = LocalDiscord()
    shown = providers()
    told = replace(shown, fault=caused.append, status=lambda: {**shown.status(), "armed": [*armed]})
    local.mount(Page(local, told))
    async with local:
        found(local, local.world)
        tab = await chromium.tab(f"http://{local.cdn_host}/?user=ben")
        await tab.until("document.querySelector('.status').textContent.includes('is here')")
        await tab.click('[aria-label="What happened"]')
        await tab.until("document.querySelectorAll('.steps li').length === 4")
        await tab.click(".call summary")
        await tab.until("document.querySelector('.sent img').naturalWidth === 600")
        await tab.until("document.querySelector('.fault.armed b')?.textContent === 'The models are slow'")
        armed.clear()  # It has struck.
        await tab.until("!document.querySelector('.fault.armed')")
        await tab.click(".fault:nth-of-type(3)")
        await tab.until("document.querySelector('.toast.good')")
        assert caused == ["gateway-cut"]
        await tab.press("Escape")
        await tab.until("!document.querySelector('.panel')")
        assert not tab.problems


async def test_theme_follows_the_system_until_one_chooses(open_tab: OpenTab) -> None:
    """The choice outlives a reload."""
    tab = await open_tab("ana")
    theme = "document.documentElement.dataset.theme"
    for system in ("dark", "light"):
        await tab.call(
            "Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": system}]
        )
        await tab.until(f"{theme} === '{system}'")
    await tab.click('[aria-label="Change between dark and light"]')
    await tab.until(f"{theme} === 'dark'")
    await tab.reload()
    await tab.until(f"{theme} === 'dark' && document.querySelector('.welcome')")


async def test_page_is_walked_through_by_keys_alone(
    open_tab: OpenTab, local: LocalDiscord, founded: Founded
) -> None:
    """Messages are reached, answered and their menus used without a mouse."""
    await local.post(founded.people[1], founded.channel, "first")
    await local.post(founded.people[1], founded.channel, "second")
    tab = await open_tab("ana")
    await tab.until(f"{TEXTS}.length === 2")
    await tab.value("document.querySelector('.list').focus()")
    assert await tab.value("document.activeElement.textContent.includes('second')")
    await tab.press("ArrowUp")
    assert await tab.value("document.activeElement.textContent.includes('first')")
    await tab.press("r")
    await tab.until("document.activeElement.matches('.write')")
    await tab.write("an answer")
    await tab.press("Enter")
    await tab.until("document.querySelector('.message .above')?.textContent.includes('first')")
    await tab.value("document.querySelector('.message').focus()")
    await tab.press("Enter")
    await tab.until("document.activeElement.closest('.menu')")
    await tab.press("Escape")
    await tab.until("!document.querySelector('.menu') && document.activeElement.matches('.message')")


async def test_spoiler_in_text_opens_by_key(open_tab: OpenTab, local: LocalDiscord, founded: Founded) -> None:
    """Hidden words are hidden from screen readers too, until they are opened."""
    await local.post(founded.people[1], founded.channel, "the end: ||it was the gardener||")
    tab = await open_tab("ana")
    await tab.until("document.querySelector('.spoiler .hidden-text[aria-hidden]')")
    await tab.value("document.querySelector('.spoiler').focus()")
    await tab.press("Enter")
    await tab.until("document.querySelector('.spoiler.shown .hidden-text:not([aria-hidden])')")


async def test_markup_in_messages_stays_text(open_tab: OpenTab, local: LocalDiscord, founded: Founded) -> None:
    """HTML, script addresses and broken markdown are shown as they were written."""
    hostile = "<img src=x onerror=alert(1)> [x](javascript:alert(1)) **bold <b>no</b> `"
    await local.post(founded.people[1], founded.channel, hostile, [File("<b>.html", b"<script>1</script>")])
    tab = await open_tab("ana")
    await tab.until(f"{TEXTS}[0]")
    assert await tab.value(f"{TEXTS}[0]") == hostile
    assert (
        await tab.value("document.querySelectorAll('.message .text img, .message .text a, .text b').length")
        == 0
    )


async def test_five_hundred_messages_and_a_reload(
    open_tab: OpenTab, local: LocalDiscord, founded: Founded
) -> None:
    """The newest are shown at once, the older ones on the way up; a reload ends at the same place."""
    for number in range(500):
        await local.post(founded.people[number % 2], founded.channel, f"message {number}")
    tab = await open_tab("ana")
    await tab.until(f"{TEXTS}.at(-1) === 'message 499'")
    assert await tab.value(f"{TEXTS}.length") == 50
    at_bottom = """(() => {
      const list = document.querySelector('.list');
      return list.scrollHeight - list.scrollTop - list.clientHeight < 3;
    })()"""
    assert await tab.value(at_bottom)
    while await tab.value(f"{TEXTS}[0]") != "message 0":
        first = await tab.value(f"{TEXTS}[0]")
        await tab.value("document.querySelector('.list').scrollTop = 0")
        await tab.until(f"{TEXTS}[0] !== '{first}'")
    assert await tab.value(f"{TEXTS}.join()") == ",".join(f"message {number}" for number in range(500))
    await tab.reload()
    await tab.until(f"{TEXTS}.at(-1) === 'message 499'")
    assert await tab.value(at_bottom)


async def test_page_comes_back_after_a_restart_of_the_server(chromium: Chromium, tmp_path: Path) -> None:
    """Cut off, the page says so; when the server is back, so are the messages, the draft and the thread."""
    async with serving(tmp_path, 0) as local, aiohttp.ClientSession() as session:
        founded = found(local, local.world)
        scene = await play(local, founded, BotClient(local, session))
        port = int(local.cdn_host.rpartition(":")[2])
        tab = await chromium.tab(f"http://{local.cdn_host}/?user=ana")
        await tab.click(f'[data-go="{scene.picture_thread.id}"]')
        await tab.until("document.activeElement.matches('.pane.thread .write')")
        await tab.write("half a sent")
    await tab.until("!document.querySelector('.offline').hidden")
    await tab.press("Enter")
    await tab.until("document.querySelector('.toast')?.textContent.includes('still here')")
    async with serving(tmp_path, port) as again:
        await tab.until("document.querySelector('.offline').hidden")
        await tab.until("document.querySelectorAll('.pane.thread .message').length >= 3")
        shown = "[...document.querySelectorAll('.pane.thread img')]"
        await tab.until(f"{shown}.length && {shown}.every((each) => each.complete && each.naturalWidth)")
        await tab.press("Enter")
        thread = again.world.channels[scene.picture_thread.id]
        await again.wait_for(lambda: again.messages(thread)[-1].content == "half a sent")


async def test_fifty_megabytes_are_uploaded(
    open_tab: OpenTab, local: LocalDiscord, founded: Founded, tmp_path: Path
) -> None:
    """A big file arrives whole, and the page shows how far it is."""
    data = b"0123456789abcdef" * (50 * 1024 * 64)
    (tmp_path / "big.bin").write_bytes(data)
    tab = await open_tab("ana")
    await tab.value(
        """window.shares = [];
        new MutationObserver(() => window.shares.push(document.querySelector('progress').value))
          .observe(document.querySelector('progress'), {attributes: true})"""
    )
    await tab.choose_files(".composer .file-input", tmp_path / "big.bin")
    await tab.until("document.querySelector('.tray-item')")
    await tab.press("Enter")
    await tab.until("document.querySelector('.file-name small')?.textContent === '50.0 MB'", seconds=90)
    [message] = local.messages(founded.channel)
    assert message.attachments[0].file.data == data
    assert await tab.value("window.shares.length") > 0


async def test_whole_scene_is_shown_on_a_phone(
    open_tab: OpenTab, local: LocalDiscord, founded: Founded, bot: BotClient
) -> None:
    """On 390 pixels nothing is wider than the screen, and a thread lies over its channel."""
    scene = await play(local, founded, bot)
    tab = await open_tab("ana", width=390, height=844)
    await tab.until("document.querySelector('.thread-link')")
    await tab.click(".thread-link")
    await tab.until("document.querySelector('.pane.thread .container')")
    assert await tab.value("document.documentElement.scrollWidth") == 390
    wide = """[...document.querySelectorAll('.pane.thread *')]
      .filter((each) => each.getBoundingClientRect().right > 391).length"""
    assert await tab.value(wide) == 0
    assert await tab.value("document.elementFromPoint(195, 400).closest('.pane').classList.contains('thread')")
    await tab.click('[aria-label="Close the thread"]')
    await tab.click('button[aria-label="Channels"]')
    await tab.click(f'[data-go="{scene.voice_thread.parent_id}"]')
    await tab.until("document.querySelector('.player.voice')")


async def test_what_the_page_shows_is_named_for_screen_readers(
    open_tab: OpenTab, local: LocalDiscord, founded: Founded, bot: BotClient
) -> None:
    """Every control has a name, every picture a text, and every id stands once."""
    scene = await play(local, founded, bot)
    tab = await open_tab("ana")
    await tab.click(f'[data-go="{scene.picture_thread.id}"]')
    await tab.until("document.querySelector('.pane.thread .container')")
    nodes = (await tab.call("Accessibility.getFullAXTree"))["nodes"]
    roles = {"button", "link", "textbox", "combobox", "image", "slider", "checkbox", "radio"}
    unnamed = [
        each["role"]["value"]
        for each in nodes
        if not each.get("ignored")
        and each.get("role", {}).get("value") in roles
        and not each.get("name", {}).get("value")
    ]
    assert not unnamed
    names = {each["name"]["value"] for each in nodes if each.get("role", {}).get("value") == "image"}
    assert "Variation: with a cat" in names
    ids: list[str] = await tab.value("[...document.querySelectorAll('[id]')].map((each) => each.id)")
    assert len(set(ids)) == len(ids)


def serving(folder: Path, port: int) -> LocalDiscord:
    """Return a server with the page, whose world is kept in a folder."""
    local = LocalDiscord(port=port, folder=folder / "world")
    local.mount(Page(local))
    return local


BUTTON: dict[str, Any] = {
    "type": 1,
    "components": [{"type": 2, "style": 1, "label": "Refine", "custom_id": "refine"}],
}


def _field(label: str, component: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": 18, "label": label, "component": component, **more}


def _options(*labels: str) -> list[dict[str, str]]:
    return [{"label": each, "value": each.lower()} for each in labels]


CHOICES_FORM: dict[str, Any] = {
    "custom_id": "form",
    "title": "Refine it",
    "components": [
        _field("What to change", {"type": 4, "custom_id": "change", "style": 2, "min_length": 3}),
        _field("Style", {"type": 3, "custom_id": "style", "options": _options("Oil", "Ink")}),
        _field("Whom to tell", {"type": 5, "custom_id": "whom"}),
        _field("Strength", {"type": 21, "custom_id": "strength", "options": _options("Soft", "Strong")}),
        _field(
            "Keep",
            {"type": 22, "custom_id": "keep", "options": _options("Faces", "Sky")},
            description="What must not change",
        ),
    ],
}
FILES_FORM: dict[str, Any] = {
    "custom_id": "form",
    "title": "Go by something",
    "components": [
        {"type": 10, "content": "Add a picture **or** a text."},
        _field("Reference", {"type": 19, "custom_id": "reference", "max_values": 2}),
        _field("Keep its colours", {"type": 23, "custom_id": "colours"}),
    ],
}

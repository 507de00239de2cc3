"""What the page's server answers, without a browser."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import re
from collections.abc import Callable
from typing import Any

import aiohttp
import pytest

from playground.discord import LocalDiscord
from playground.discord.permissions import Permission
from playground.discord.state.kinds import IS_VOICE, Payload
from playground.page import Founded, Page, Providers, found
from playground.page.server import STATIC
from tests.playground.bot_client import BotClient


class Person:
    """Somebody's page, reduced to its requests."""

    def __init__(self, local: LocalDiscord, session: aiohttp.ClientSession, name: str) -> None:
        self._base = f"http://{local.cdn_host}/page"
        self._session = session
        self._name = name

    async def act(self, name: str, /, **body: Any) -> tuple[int, Any]:
        async with self._session.post(f"{self._base}/api/{name}?user={self._name}", json=body) as response:
            return response.status, await response.json()

    async def upload(self, name: str, files: list[tuple[str, str, bytes]], /, **body: Any) -> tuple[int, Any]:
        form = aiohttp.FormData(default_to_multipart=True)
        form.add_field("payload_json", json.dumps(body))
        for field, filename, data in files:
            form.add_field(field, io.BytesIO(data), filename=filename)
        async with self._session.post(f"{self._base}/api/{name}?user={self._name}", data=form) as response:
            return response.status, await response.json()

    async def connect(self) -> aiohttp.ClientWebSocketResponse:
        return await self._session.ws_connect(f"{self._base}/socket?user={self._name}", max_msg_size=0)


async def event(socket: aiohttp.ClientWebSocketResponse, name: str) -> Any:
    """Return the next event of this name."""
    while True:
        received = json.loads((await socket.receive(timeout=10)).data)
        if received["t"] == name:
            return received["d"]


@pytest.fixture
def ana(local: LocalDiscord, session: aiohttp.ClientSession) -> Person:
    return Person(local, session, "ana")


@pytest.fixture
def ben(local: LocalDiscord, session: aiohttp.ClientSession) -> Person:
    return Person(local, session, "ben")


async def test_state_holds_what_the_person_sees(founded: Founded, ana: Person, ben: Person) -> None:
    """The crew's channel reaches its members' pages alone."""
    for person, sees in ((ana, True), (ben, False)):
        state = await event(await person.connect(), "READY")
        names = [each["name"] for each in state["guilds"][0]["channels"]]
        assert ("harbour-crew" in names) is sees


async def test_page_of_nobody_is_the_page_of_the_first(
    local: LocalDiscord, founded: Founded, session: aiohttp.ClientSession
) -> None:
    """Who is named in an old address, or misspelt, does not leave anybody with an empty page."""
    async with session.get(f"http://{local.cdn_host}/?user=nobody", allow_redirects=False) as response:
        assert (response.status, response.headers["Location"]) == (302, "/")
    async with session.get(f"http://{local.cdn_host}/?user=ben", allow_redirects=False) as response:
        assert response.status == 200


async def test_unknown_person_is_turned_away(
    local: LocalDiscord, session: aiohttp.ClientSession, founded: Founded
) -> None:
    """A socket for nobody is closed with a code of its own."""
    socket = await Person(local, session, "nobody").connect()
    await socket.receive(timeout=10)
    assert socket.close_code == 4004


async def test_post_reaches_both_people_and_the_channel(
    local: LocalDiscord, founded: Founded, ana: Person, ben: Person
) -> None:
    """A post with a file and alt text arrives as the gateway's own event."""
    socket = await ben.connect()
    await event(socket, "READY")
    status, _ = await ana.upload(
        "post",
        [("files", "a.txt", b"one"), ("files", "b.txt", b"two")],
        channel=str(founded.channel.id),
        content="look",
        about=[{"alt": "a text"}, {"spoiler": True}],
    )
    assert status == 200
    posted = await event(socket, "MESSAGE_CREATE")
    assert (posted["content"], posted["author"]["username"]) == ("look", "ana")
    assert posted["attachments"][0]["description"] == "a text"
    assert posted["attachments"][1]["filename"] == "SPOILER_b.txt"
    assert len(local.messages(founded.channel)) == 1


async def test_channel_that_one_does_not_see_stays_silent(
    local: LocalDiscord, founded: Founded, ana: Person, ben: Person
) -> None:
    """Neither events nor history nor actions of a hidden channel reach others."""
    crew = local.world.channels[founded.guild.channel_ids[3]]
    socket = await ben.connect()
    await event(socket, "READY")
    await ana.upload("post", [], channel=str(crew.id), content="secret")
    await ana.upload("post", [], channel=str(founded.channel.id), content="open")
    assert (await event(socket, "MESSAGE_CREATE"))["content"] == "open"
    await socket.send_json({"channel": str(crew.id)})
    await socket.send_json({"channel": str(founded.channel.id)})
    assert (await event(socket, "HISTORY"))["channel"] == str(founded.channel.id)
    assert await ben.act("react", channel=str(crew.id), message="1", emoji="👍") == (
        400,
        {"code": "channel-gone", "values": {}},
    )


async def test_history_comes_in_pages(local: LocalDiscord, founded: Founded, ana: Person) -> None:
    """Messages come oldest first, with a word on whether there are more."""
    for number in range(7):
        await local.post(founded.people[1], founded.channel, str(number))
    socket = await ana.connect()
    channel = str(founded.channel.id)
    await socket.send_json({"channel": channel, "limit": 5})
    first = await event(socket, "HISTORY")
    assert ([each["content"] for each in first["messages"]], first["more"]) == (["2", "3", "4", "5", "6"], True)
    await socket.send_json({"channel": channel, "limit": 5, "before": first["messages"][0]["id"]})
    second = await event(socket, "HISTORY")
    assert ([each["content"] for each in second["messages"]], second["more"]) == (["0", "1"], False)


async def test_nonsense_on_the_socket_changes_nothing(founded: Founded, ana: Person) -> None:
    """What cannot be understood is passed over."""
    socket = await ana.connect()
    for text in ("{", "[]", '{"channel": {}}', '{"channel": "1"}', "null"):
        await socket.send_str(text)
    await socket.send_json({"channel": str(founded.channel.id)})
    assert (await event(socket, "HISTORY"))["messages"] == []


async def test_ephemeral_answer_reaches_its_reader_alone(
    local: LocalDiscord, founded: Founded, bot: BotClient, ana: Person, ben: Person
) -> None:
    """An answer for one person's eyes goes to that person's page only, and is not delivered to the gateway."""
    await bot.sync({"name": "summary", "description": "sums up"})
    sockets = [await each.connect() for each in (ana, ben)]
    for socket in sockets:
        await event(socket, "READY")
    heard: list[str] = []
    local.world.listeners.append(_recorder(heard))
    asking = ana.act("invoke", channel=str(founded.channel.id), name="summary")
    answering = _answer(bot, 4, {"content": "only you", "flags": 64})
    (status, answer), _ = await _both(asking, answering)
    assert (status, answer["answered"]) == (200, "message")
    shown = await event(sockets[0], "MESSAGE_CREATE")
    assert shown["content"] == "only you"
    assert "MESSAGE_CREATE" not in heard
    await local.post(founded.people[0], founded.channel, "for all")
    assert (await event(sockets[1], "MESSAGE_CREATE"))["content"] == "for all"


async def test_private_answer_to_a_form_names_its_command_and_is_not_counted(
    local: LocalDiscord, founded: Founded, bot: BotClient, ana: Person
) -> None:
    """The page tells which command was used; a thread's number is the same for everybody."""
    await bot.sync({"name": "refine", "description": "draws"})
    thread = await bot.open_thread(await local.post(founded.people[0], founded.channel, "x"), "talk")
    await bot.post(thread, {"content": "for all"})
    (_, opened), _ = await _both(
        ana.act("invoke", channel=str(thread.id), name="refine"), _answer(bot, 9, FORM)
    )
    answers = {"text": "hello", "radio": "b", "ticks": ["x"], "who": [str(founded.people[1].id)]}
    sending = ana.upload("submit", [("file", "a.txt", b"bytes")], interaction=opened["id"], answers=answers)
    _, submitted = await _both(sending, _answer(bot, 4, {"content": "only you", "flags": 64}))
    metadata = thread.messages[submitted.response_id or 0].interaction or {}
    assert metadata["triggering_interaction_metadata"]["name"] == "refine"
    assert (await bot.ask("GET", f"/channels/{thread.id}"))["message_count"] == 1


async def test_form_is_filled_in_with_every_kind_of_field(
    local: LocalDiscord, founded: Founded, bot: BotClient, ana: Person
) -> None:
    """Text, choice, ticks, people and files arrive at the bot as Discord sends them."""
    message = await bot.post(
        founded.channel,
        {"content": "x", "components": [_row({"type": 2, "style": 1, "label": "Go", "custom_id": "go"})]},
    )
    where = {"channel": str(founded.channel.id), "message": str(message.id)}
    (_, opened), _ = await _both(ana.act("press", **where, custom_id="go"), _answer(bot, 9, FORM))
    assert opened["modal"]["title"] == "All kinds"
    answers = {"text": "hello", "radio": "b", "ticks": ["x", "y"], "who": [str(founded.people[1].id)]}
    sending = ana.upload("submit", [("file", "a.txt", b"bytes")], interaction=opened["id"], answers=answers)
    (status, _), submitted = await _both(sending, _answer(bot, 6))
    assert status == 200
    fields = {each["component"]["custom_id"]: each["component"] for each in submitted.data["components"]}
    assert fields["text"]["value"] == "hello"
    assert fields["radio"]["value"] == "b"
    assert fields["ticks"]["values"] == ["x", "y"]
    assert fields["who"]["values"] == [str(founded.people[1].id)]
    [file] = submitted.data["resolved"]["attachments"].values()
    assert file["filename"] == "a.txt"


async def test_bot_that_does_not_answer_is_told_of(
    local: LocalDiscord, founded: Founded, bot: BotClient, ana: Person
) -> None:
    """After the time limit the page says that there was no answer."""
    local.interactions.acknowledge_seconds = 0.05
    await bot.sync({"name": "summary", "description": "sums up"})
    status, body = await ana.act("invoke", channel=str(founded.channel.id), name="summary")
    assert (status, body["code"]) == (400, "no-answer")


async def test_command_gets_a_file_and_autocompletion(
    local: LocalDiscord, founded: Founded, bot: BotClient, ana: Person
) -> None:
    """Uploaded options and proposals travel as Discord sends them."""
    option = {"type": 3, "name": "words", "description": "w", "autocomplete": True, "required": True}
    file = {"type": 11, "name": "picture", "description": "p"}
    await bot.sync({"name": "find", "description": "finds", "options": [option, file]})
    channel = str(founded.channel.id)
    asking = ana.act("autocomplete", channel=channel, name="find", focused="words", options={"words": "ti"})
    (_, proposed), _ = await _both(asking, _answer(bot, 8, {"choices": [{"name": "tide", "value": "tide"}]}))
    assert proposed == {"choices": [{"name": "tide", "value": "tide"}]}
    sending = ana.upload(
        "invoke", [("picture", "a.png", b"png")], channel=channel, name="find", options={"words": "tide"}
    )
    _, used = await _both(sending, _answer(bot, 5))
    assert [each["name"] for each in used.data["options"]] == ["words", "picture"]


@pytest.mark.parametrize(
    ("name", "body", "code"),
    [
        ("post", {"content": " "}, "empty"),
        ("post", {"content": "x" * 2001}, "too-long"),
        ("post", {"content": "x", "channel": "1"}, "channel-gone"),
        ("edit", {"message": "1", "content": "x"}, "message-gone"),
        ("invoke", {"name": "nothing"}, "command-gone"),
        ("thread", {"message": "1", "name": ""}, "thread-name"),
        ("submit", {"interaction": "1", "answers": {}}, "form-gone"),
        ("fault", {"kind": "earthquake"}, "no-such-fault"),
    ],
)
async def test_what_is_not_possible_is_refused_with_a_code(
    founded: Founded, ana: Person, name: str, body: dict[str, Any], code: str
) -> None:
    """Every no has a code for which the page has a sentence."""
    status, answer = await ana.act(name, **({"channel": str(founded.channel.id)} | body))
    assert (status, answer["code"]) == (400, code)
    sentences = (STATIC / "sentences.js").read_text()
    assert f'"{code}":' in sentences


def test_every_refusal_has_a_sentence() -> None:
    """Each code in the source has a sentence in the page."""
    sources = [each.read_text() for each in STATIC.parent.glob("*.py")]
    codes = {code for each in sources for code in re.findall(r'(?:RefusedError|refusal)\("([\w-]+)"', each)}
    sentences = set(re.findall(r'^  "([\w-]+)":', (STATIC / "sentences.js").read_text(), re.MULTILINE))
    assert len(codes) > 10
    assert codes <= sentences


async def test_message_of_others_is_not_ones_own_to_change(
    local: LocalDiscord, founded: Founded, ana: Person, ben: Person
) -> None:
    """Only authors edit; moderators may delete."""
    message = await local.post(founded.people[0], founded.channel, "mine")
    where = {"channel": str(founded.channel.id), "message": str(message.id)}
    for name in ("edit", "delete"):
        status, refused = await ben.act(name, **where, content="x")
        assert (status, refused["code"]) == (400, "not-yours")
    theirs = await local.post(founded.people[1], founded.channel, "theirs")
    assert (await ana.act("delete", channel=str(founded.channel.id), message=str(theirs.id)))[0] == 200


async def test_person_without_the_right_is_refused(local: LocalDiscord, founded: Founded, ben: Person) -> None:
    """What a person may not do is refused and named."""
    local.deny(founded.channel, founded.people[1], Permission.SEND_MESSAGES)
    status, refused = await ben.upload("post", [], channel=str(founded.channel.id), content="x")
    assert (status, refused["code"]) == (400, "may-not")


async def test_other_websites_and_names_are_kept_out(
    local: LocalDiscord, session: aiohttp.ClientSession, founded: Founded
) -> None:
    """A foreign Origin, or a Host that is not this machine, gets nothing."""
    base = f"http://{local.cdn_host}"
    for path, headers in (
        ("/page/api/samples", {"Origin": "https://example.org"}),
        ("/page/socket", {"Origin": "https://example.org"}),
        ("/", {"Host": "example.org"}),
    ):
        async with session.get(base + path, headers=headers) as response:
            assert response.status == 403


async def test_static_files_carry_a_strict_policy(
    local: LocalDiscord, session: aiohttp.ClientSession, founded: Founded
) -> None:
    """The page allows nothing but its own host; nothing outside of its folder is served."""
    async with session.get(f"http://{local.cdn_host}/") as response:
        policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    async with session.get(f"http://{local.cdn_host}/page/static/..%2Fserver.py") as response:
        assert response.status == 404


async def test_recording_becomes_a_voice_note(session: aiohttp.ClientSession) -> None:
    """The recording goes through the converter; the note has its length and waveform."""

    class Note:
        ogg, seconds, waveform_b64 = b"OggS", 2.5, base64.b64encode(b"\x10\xff").decode()

    local = LocalDiscord()
    local.mount(Page(local, Providers(voice_note=lambda _: Note())))
    async with local:
        founded = found(local, local.world)
        status, _ = await Person(local, session, "ana").upload(
            "voice",
            [("files", "voice.webm", b"webm")],
            channel=str(founded.channel.id),
            seconds=2.4,
            waveform="AA==",
        )
        assert status == 200
        [message] = local.messages(founded.channel)
        [held] = message.attachments
        assert message.flags & IS_VOICE
        assert (held.file.data, held.file.duration_secs, held.content_type) == (b"OggS", 2.5, "audio/ogg")


async def test_file_bigger_than_the_server_takes_is_refused(
    local: LocalDiscord, founded: Founded, ana: Person
) -> None:
    """The limit is the guild's own."""
    founded.guild.premium_tier = 0
    big = b"x" * (11 * 1024 * 1024)
    status, refused = await ana.upload("post", [("files", "a.bin", big)], channel=str(founded.channel.id))
    assert (status, refused) == (400, {"code": "too-big", "values": {"most": 10 * 1024 * 1024}})
    assert not local.messages(founded.channel)


FORM: dict[str, Any] = {
    "custom_id": "form",
    "title": "All kinds",
    "components": [
        {"type": 18, "label": "Text", "component": {"type": 4, "custom_id": "text", "style": 1}},
        {"type": 18, "label": "Who", "component": {"type": 5, "custom_id": "who"}},
        {"type": 18, "label": "File", "component": {"type": 19, "custom_id": "file"}},
        {
            "type": 18,
            "label": "Radio",
            "component": {
                "type": 21,
                "custom_id": "radio",
                "options": [{"label": "A", "value": "a"}, {"label": "B", "value": "b"}],
            },
        },
        {
            "type": 18,
            "label": "Ticks",
            "component": {
                "type": 22,
                "custom_id": "ticks",
                "options": [{"label": "X", "value": "x"}, {"label": "Y", "value": "y"}],
            },
        },
    ],
}


def _row(*components: Any) -> dict[str, Any]:
    return {"type": 1, "components": list(components)}


async def _answer(bot: BotClient, kind: int, data: Any = None) -> Any:
    interaction = await bot.next_interaction()
    await bot.respond(interaction, kind, data)
    return interaction


async def _both(first: Any, second: Any) -> tuple[Any, Any]:
    done = await asyncio.gather(first, second)
    return done[0], done[1]


def _recorder(names: list[str]) -> Callable[[str, Payload, Payload], None]:
    def listen(name: str, _full: Payload, _restricted: Payload) -> None:
        names.append(name)

    return listen

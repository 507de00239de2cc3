"""Transcription, images, moderation and the list of models, told by the real client."""

from __future__ import annotations

import base64
import io

import openai
import pytest
from openai import AsyncOpenAI
from openai.types import ImagesResponse
from PIL import Image

from playground.models import ScriptedModels, markers, tones
from playground.models.sight import look
from tests.pictures import encoded, photo
from tests.playground.model_server.conftest import data_url

SONG = tones.wav(tones.sing("471  5"))


def drawn(response: ImagesResponse) -> bytes:
    assert response.data is not None
    return base64.b64decode(response.data[0].b64_json or "")


# ---- transcription -----------------------------------------------------------------------------


async def test_transcript_holds_what_was_heard(client: AsyncOpenAI, server: ScriptedModels) -> None:
    """Digits in the sound are in the transcript; the bytes and fields are kept."""
    transcription = await client.audio.transcriptions.create(
        model="gpt-transcribe", file=("voice.wav", SONG, "audio/wav"), languages=["en", "de"], keywords=["tide"]
    )
    assert transcription.text == "The scripted model server heard 2.4 seconds: 4 7 1 5."
    assert transcription.usage is not None
    assert transcription.usage.type == "tokens"
    [call] = server.calls
    assert call.sounds[0].data == call.uploads[0].data == SONG
    assert call.body == {"model": "gpt-transcribe", "languages[]": ["en", "de"], "keywords[]": ["tide"]}


async def test_silence_is_an_empty_transcript(client: AsyncOpenAI) -> None:
    """Nothing is invented for silence."""
    silence = ("silence.wav", tones.wav(tones.silence(2)), "audio/wav")
    assert (await client.audio.transcriptions.create(model="gpt-transcribe", file=silence)).text == ""


async def test_transcript_streams(client: AsyncOpenAI) -> None:
    """Pieces, then the whole."""
    events = [
        event
        async for event in await client.audio.transcriptions.create(
            model="gpt-transcribe", file=("a.wav", SONG, "audio/wav"), stream=True
        )
    ]
    pieces = [event.delta for event in events if event.type == "transcript.text.delta"]
    assert events[-1].type == "transcript.text.done"
    assert "".join(pieces) == events[-1].text


async def test_formats_with_times_are_whispers_alone(client: AsyncOpenAI) -> None:
    """whisper-1 gives times; asking a newer model for them is a 400."""
    file = ("a.wav", SONG, "audio/wav")
    verbose = await client.audio.transcriptions.create(
        model="whisper-1", file=file, response_format="verbose_json", timestamp_granularities=["word"]
    )
    assert [(each.word, round(each.start, 1)) for each in verbose.words or []] == [
        ("4", 0.0),
        ("7", 0.3),
        ("1", 0.7),
        ("5", 2.0),
    ]
    captions = await client.audio.transcriptions.create(model="whisper-1", file=file, response_format="srt")
    assert "00:00:00,000 --> 00:00:02,400" in captions
    with pytest.raises(openai.BadRequestError, match="not compatible"):
        await client.audio.transcriptions.create(
            model="gpt-transcribe", file=file, response_format="verbose_json"
        )
    speakers = await client.audio.transcriptions.create(
        model="gpt-4o-transcribe-diarize", file=file, response_format="diarized_json", chunking_strategy="auto"
    )
    assert speakers.segments[0].speaker == "A"


@pytest.mark.parametrize(
    ("name", "data", "status"),
    [
        ("voice.txt", SONG, 400),
        ("voice.ogg", b"no sound", 400),
        ("voice.ogg", bytes(26 * 1024 * 1024), 413),
    ],
    ids=["ending", "broken", "bytes"],
)
async def test_recording_that_cannot_be_taken_is_refused(
    client: AsyncOpenAI, name: str, data: bytes, status: int
) -> None:
    """By its name's ending, its content, its size."""
    with pytest.raises(openai.APIStatusError) as error:
        await client.audio.transcriptions.create(model="gpt-transcribe", file=(name, data, "audio/ogg"))
    assert error.value.status_code == status


# ---- images ------------------------------------------------------------------------------------


async def test_drawing_shows_what_the_prompt_names(client: AsyncOpenAI, server: ScriptedModels) -> None:
    """Colours, size and format are the prompt's and the request's."""
    response = await client.images.generate(
        model="gpt-image-2.6-flare",
        prompt='Three large red circles on a blue background with the words "HELLO"',
        size="1536x1024",
        quality="low",
        output_format="jpeg",
    )
    sight = look(drawn(response))
    assert (sight.width, sight.height, sight.format) == (1536, 1024, "JPEG")
    assert sight.colours == ("blue", "red")
    assert response.usage is not None
    assert response.usage.output_tokens == 408
    assert response.usage.total_tokens == server.tokens[0] + server.tokens[1]


async def test_edit_changes_only_what_the_mask_frees(client: AsyncOpenAI, server: ScriptedModels) -> None:
    """The first picture is drawn over inside the mask's hole; all pictures are kept as they came."""
    base = encoded(Image.new("RGB", (512, 512), "white"), "PNG")
    other = encoded(photo(marker=9), "PNG")
    hole = Image.new("RGBA", (512, 512), "black")
    hole.paste((0, 0, 0, 0), (256, 0, 512, 512))
    response = await client.images.edit(
        model="gpt-image-2.6-flare",
        image=[("a.png", base, "image/png"), ("b.png", other, "image/png")],
        mask=("m.png", encoded(hole, "PNG"), "image/png"),
        prompt="a green background",
        size="512x512",
    )
    with Image.open(io.BytesIO(drawn(response))) as image:
        assert image.getpixel((100, 100)) == (255, 255, 255)
        assert image.getpixel((400, 100)) == (50, 150, 60)
    assert [each.marker for each in server.calls[0].sights] == [None, 9, None]
    assert response.usage is not None
    assert response.usage.input_tokens_details.image_tokens == 308 * 3


async def test_edit_without_a_mask_keeps_the_picture(client: AsyncOpenAI) -> None:
    """Only shapes are added, so a marked picture stays the marked picture."""
    picture = ("a.png", encoded(photo(marker=77), "PNG"), "image/png")
    response = await client.images.edit(model="m", image=picture, prompt="add a red star")
    with Image.open(io.BytesIO(drawn(response))) as image:
        assert image.size == (1024, 1024)
        assert markers.read(image) == 77


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"prompt": "FLAGME:violence/graphic"}, "moderation_blocked"),
        ({"prompt": "x", "size": "100x100"}, "invalid_value"),
        ({"prompt": "x", "size": "4096x1024"}, "invalid_value"),
        ({"prompt": "x", "size": "3072x512"}, "invalid_value"),
        ({"prompt": "x", "n": 11}, "invalid_value"),
        ({"prompt": "x" * 32_001}, "invalid_value"),
    ],
)
async def test_drawing_that_the_api_would_not_make_is_refused(
    client: AsyncOpenAI, options: dict[str, object], code: str
) -> None:
    """Blocked prompts, impossible sizes and counts are a 400."""
    with pytest.raises(openai.BadRequestError) as error:
        await client.images.generate(model="m", **options)  # type: ignore[call-overload]
    assert error.value.code == code
    if code == "moderation_blocked":
        assert error.value.type == "image_generation_user_error"
        assert "safety_violations=[violence/graphic]" in error.value.message


async def test_mask_of_another_size_is_refused(client: AsyncOpenAI) -> None:
    """A mask that does not cover the picture is a 400."""
    with pytest.raises(openai.BadRequestError, match="size of the first picture"):
        await client.images.edit(
            model="m",
            image=("a.png", encoded(photo(), "PNG"), "image/png"),
            mask=("m.png", encoded(Image.new("RGBA", (64, 64)), "PNG"), "image/png"),
            prompt="x",
        )


# ---- moderation --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("marker", "category"),
    [(4001, "violence"), (4040, "violence/graphic"), (4050, "sexual"), (4095, "self-harm"), (3999, None)],
)
async def test_marked_pictures_are_flagged(client: AsyncOpenAI, marker: int, category: str | None) -> None:
    """Pictures with such a marker are flagged by a category that pictures can have, turned ones too."""
    picture = encoded(photo(marker=marker).rotate(90, expand=True), quality=85)
    answer = await client.moderations.create(
        model="omni-moderation-latest",
        input=[
            {"type": "text", "text": "look"},
            {"type": "image_url", "image_url": {"url": data_url(picture)}},
        ],
    )
    [result] = answer.results
    hits = [name for name, hit in result.categories.model_dump(by_alias=True).items() if hit]
    assert hits == ([category] if category else [])
    assert result.flagged is (category is not None)
    assert result.category_applied_input_types.hate == ["text"]
    assert result.category_applied_input_types.violence == ["text", "image"]


async def test_list_of_texts_is_judged_one_by_one(client: AsyncOpenAI) -> None:
    """Each text of a list has its own result; words name their category."""
    answer = await client.moderations.create(input=["fine", "FLAGME", "so FLAGME:hate/threatening is"])
    assert [each.flagged for each in answer.results] == [False, True, True]
    assert answer.results[1].categories.violence
    assert answer.results[2].categories.hate_threatening


# ---- models and everything else ----------------------------------------------------------------


async def test_models_exist_end_and_are_missing(client: AsyncOpenAI, server: ScriptedModels) -> None:
    """Shutdown dates are told; a missing model is a 404 here and wherever it is used."""
    server.shutdown_dates["gpt-6-luna"] = "2027-04-01"
    server.missing_models.add("gone")
    assert (await client.models.retrieve("gpt-6-luna")).shutdown_date == "2027-04-01"
    assert (await client.models.retrieve("gpt-6-sol")).shutdown_date is None
    assert "gpt-transcribe" in [each.id async for each in client.models.list()]
    with pytest.raises(openai.NotFoundError) as error:
        await client.models.retrieve("gone")
    assert error.value.code == "model_not_found"
    with pytest.raises(openai.NotFoundError):
        await client.responses.create(model="gone", input="x")


async def test_wrong_and_missing_keys_are_refused(server: ScriptedModels) -> None:
    """Nobody is served without the key."""
    async with AsyncOpenAI(api_key="wrong", base_url=server.base_url, max_retries=0) as stranger:
        with pytest.raises(openai.AuthenticationError) as error:
            await stranger.responses.create(model="m", input="x")
        assert error.value.code == "invalid_api_key"
        with pytest.raises(openai.AuthenticationError, match="didn't provide"):
            await stranger.models.retrieve("m", extra_headers={"Authorization": openai.Omit()})
    assert not server.calls


async def test_unknown_route_is_a_loud_501(client: AsyncOpenAI, server: ScriptedModels) -> None:
    """What the server does not know is kept for the test to see."""
    with pytest.raises(openai.InternalServerError):
        await client.embeddings.create(model="m", input="x")
    assert server.unimplemented[0].startswith("POST /v1/embeddings")

"""Cards fit into Discord's messages, in order, with nothing cut off."""

from __future__ import annotations

from dataclasses import replace

from cogs._presenting import Presenter
from cogs._ui import CARD_TEXT_LIMIT, carries, marker, nonce, to_view
from services.catalogue import Catalogue
from services.domain import (
    AlbumOutcome,
    AnswerOutcome,
    Attachment,
    Chapter,
    Description,
    Evidence,
    FailedOutcome,
    Failure,
    ItemOutcome,
    JobRequest,
    MessageSource,
    Moment,
    Note,
    Origin,
    Segment,
    StoppedOutcome,
    StoredFile,
    Summary,
    Timeline,
)

PRESENTER = Presenter(Catalogue.load("en"))


def request(count: int = 1, text: str = "") -> JobRequest:
    attachments = tuple(
        Attachment(MessageSource(1, 2, number), f"photo-{number}.png", 10) for number in range(count)
    )
    return JobRequest("describe-2", "describe_image", 5, Origin(7, 1, 2, True), text, attachments)


def album(count: int, length: int = 1500) -> AlbumOutcome:
    return AlbumOutcome(
        "",
        tuple(
            ItemOutcome(
                f"photo-{number}.png",
                reading=Description(f"Title {number}", f"word{number} " * (length // 7), "SIGN", "alt"),
            )
            for number in range(count)
        ),
    )


async def test_long_album_is_laid_out_over_messages() -> None:
    """Ten long descriptions need several messages; each is within the limits, none loses a word."""
    cards = PRESENTER.outcome(request(10), album(10))
    assert len(cards) > 1
    for part, card in enumerate(cards):
        assert sum(len(section.text) for section in card.sections) <= CARD_TEXT_LIMIT
        payload = to_view(card, "describe-2", "result", part).to_components()
        assert len(payload) <= 40
        assert carries(payload, marker("describe-2", "result", part))
    text = "\n".join(section.text for card in cards for section in card.sections)
    assert [text.count(f"word{number} ") + text.count(f"word{number}\n") for number in range(10)] == [214] * 10
    assert [bool(card.buttons) for card in cards] == [False] * (len(cards) - 1) + [True]


def test_answer_of_a_post_stands_with_readings_under_its_numbers() -> None:
    """Items have the numbers by which the answer names them; what was looked at and Refine are there too."""
    seen = Evidence(StoredFile("seen-1-0.jpg", "ab" * 32, "What I looked at"), "Item 1")
    answer = AnswerOutcome("Item 5 is newer.", (seen,), (Note("note-source-gone"),), refine="77")
    outcome = replace(album(3), answer=answer, numbers=(4, 0, 5))
    cards = Presenter(Catalogue.load("en"), refines=True).outcome(request(3), outcome)
    text = "\n".join(section.text for card in cards for section in card.sections)
    assert "### 4. Title 0" in text
    assert "### Title 1" in text
    assert "### 5. Title 2" in text
    assert "could not go back" in text
    assert [each for card in cards for section in card.sections for each in section.pictures] == [seen.file]
    buttons = {each.arg: each.label for each in cards[-1].buttons if each.action == "refine"}
    assert list(buttons) == ["0", "1", "2", "77"]
    assert buttons["0"].endswith("4")
    assert buttons["77"] == buttons["1"]


def test_one_long_description_is_split_between_messages() -> None:
    """A description longer than a message goes on in the next."""
    cards = PRESENTER.outcome(request(), album(1, length=9000))
    assert len(cards) >= 3


def test_video_card_shows_all_that_was_found_out() -> None:
    """Chapters with their times, who appears, what is written, only heard, only seen, and what stays open."""
    summary = Summary(
        title="Tides",
        text="About the moon.",
        key_points=("It pulls",),
        decisions=("Sail at noon",),
        todos=("Buy a clock",),
        chapters=(Chapter(0, "Neap", "The weak ones"), Chapter(3725, "Spring")),
        people=("A speaker, unnamed",),
        only_heard=("A foghorn",),
        only_seen=("A cat",),
        open_questions=("How high?",),
    )
    reading = Timeline(4000, (Moment(1, "A beach", "HARBOUR"),), (Segment(0, 2, "Hello"),), "en", summary)
    cards = PRESENTER.outcome(request(), AlbumOutcome("", (ItemOutcome("talk.mp4", reading=reading),)))
    sections = [section for card in cards for section in card.sections]
    text = "\n".join(section.text for section in sections)
    shown = ["`0:00` **Neap** The weak ones", "`1:02:05` **Spring**", "> HARBOUR", "About the moon."]
    points = (*summary.key_points, *summary.decisions, *summary.todos, *summary.people)
    points += (*summary.only_heard, *summary.only_seen, *summary.open_questions)
    assert [each for each in (*shown, *(f"- {point}" for point in points)) if each not in text] == []
    assert [file.name for section in sections for file in section.files] == ["talk.txt", "talk.srt", "talk.vtt"]


def test_passing_failure_offers_another_try() -> None:
    """What may work later has a button for it; what cannot has none."""
    passing = PRESENTER.outcome(request(), FailedOutcome(Failure("model-busy", {}, "ABCDE", retryable=True)))
    lasting = PRESENTER.outcome(request(), FailedOutcome(Failure("message-gone", {}, "ABCDE")))
    assert [button.action for button in passing[-1].buttons] == ["retry", "delete"]
    assert [button.action for button in lasting[-1].buttons] == ["delete"]


def test_stopped_job_can_be_tried_again_or_deleted() -> None:
    [card] = PRESENTER.outcome(request(), StoppedOutcome(5))
    assert [button.action for button in card.buttons] == ["retry", "delete"]


def test_thread_is_named_once_and_safely() -> None:
    """The question names the thread, else the file; never longer than Discord takes, never a mention."""
    assert PRESENTER.thread_name(request(text="what   is\nthis?")) == "what is this?"
    assert PRESENTER.thread_name(request()) == "photo-0.png"
    assert PRESENTER.thread_name(request(3)) == "3 files"
    assert len(PRESENTER.thread_name(request(text="w" * 500))) <= 100
    assert "@everyone" not in PRESENTER.thread_name(request(text="@everyone"))
    assert PRESENTER.thread_name(request(text="\u200b")) != ""


def test_nonces_differ_by_job_phase_and_part() -> None:
    """No two messages of the bot share a nonce, and each fits."""
    made = {nonce(job, phase, part) for job in "ab" for phase in ("progress", "result") for part in range(3)}
    assert len(made) == 12
    assert all(len(each) == 25 for each in made)

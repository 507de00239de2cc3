"""The presenter: one place that knows which feature shows which outcome."""

from __future__ import annotations

from typing import assert_never

from services.catalogue import Catalogue
from services.domain import (
    AlbumOutcome,
    AnswerOutcome,
    FailedOutcome,
    ItemProgress,
    ItemState,
    JobRequest,
    Outcome,
    Progress,
    RefineFiles,
    RefineOutcome,
    RefineQuestion,
    RoundOutcome,
    StoppedOutcome,
    SummaryOutcome,
)

from cogs._ui import ACCENT_FAILED, Card, JobButton, Section, pack
from cogs.media import _presenter as media
from cogs.questions import _presenter as questions
from cogs.refine import _presenter as refine


class Presenter:
    """Turns progress and outcomes into cards; pure.

    Args:
        refines: Whether pictures can be refined, which described ones then offer.
    """

    def __init__(self, catalogue: Catalogue, *, refines: bool = False) -> None:
        self._catalogue = catalogue
        self._refines = refines

    def opening(self, request: JobRequest, *, begins: int | None = None) -> Card:
        """Build the card that stands before anything was done.

        Args:
            begins: Unix time at which a job that has to wait should begin.
        """
        items = tuple(ItemProgress(each.filename, ItemState.WAITING) for each in request.attachments)
        if request.workflow == "summarize_thread":
            phase = "summing-up"
        elif request.workflow == "refine_image":
            phase, items = "refining", ()
        elif not items:
            phase = "answering"
        else:
            phase = "listening" if request.options.task == "transcribe" else "looking"
        return self.progress(request, Progress(phase, 0, len(items), items, begins=begins))

    def progress(self, request: JobRequest, progress: Progress) -> Card:
        """Build the progress card."""
        return media.present_progress(self._catalogue, progress, missed=request.missed)

    def partial_answer(self, request: JobRequest, text: str) -> Card:
        """Build the card of an answer that is still being written."""
        return questions.present_partial_answer(self._catalogue, request, text)

    def outcome(self, request: JobRequest, outcome: Outcome) -> list[Card]:
        """Build the cards of a job's end."""
        match outcome:
            case AlbumOutcome():
                return media.present_album(
                    self._catalogue, outcome, refines=self._refines, missed=request.missed
                )
            case AnswerOutcome():
                return questions.present_answer(self._catalogue, request, outcome)
            case SummaryOutcome():
                return media.present_summary(self._catalogue, request, outcome)
            case RoundOutcome():
                return [refine.present_round(self._catalogue, outcome)]
            case RefineOutcome():
                return [refine.present_board(self._catalogue, outcome)]
            case RefineQuestion():
                return [refine.present_question(self._catalogue, outcome)]
            case RefineFiles():
                return [refine.present_files(self._catalogue, outcome)]
            case FailedOutcome():
                return self._present_failure(outcome)
            case StoppedOutcome():
                text = self._catalogue.text("stopped", person=f"<@{outcome.by_id}>")
                return [Card((Section(text, ACCENT_FAILED),), self._retry_and_delete())]
            case _:
                assert_never(outcome)

    def thread_name(self, request: JobRequest) -> str:
        """Name a job's thread."""
        return media.thread_name(self._catalogue, request)

    def file_caption(self, request: JobRequest) -> str:
        """Say whose file this is that the bot posts, or who asked for a thread's summary."""
        if request.workflow == "summarize_thread":
            return self._catalogue.text("summary-for", person=f"<@{request.requester_id}>")
        return self._catalogue.text("file-of", person=f"<@{request.requester_id}>")

    def answering_in(self, link: str) -> str:
        """Tell a command's user where the answer is."""
        return self._catalogue.text("answering-in", link=link)

    def files_left_out(self) -> str:
        """Say that files of a result could not be posted."""
        return self._catalogue.text("files-left-out")

    def owner_notice(self, notice: str, *, role: str, reason: str) -> str:
        """Tell the owner what does not work until something is done about it."""
        return self._catalogue.text(notice, role=role, reason=self._catalogue.text(reason))

    def blocked_by_server(self) -> list[Card]:
        """Build what is said when the server's AutoMod refuses the outcome's text."""
        return [Card((Section(self._catalogue.text("blocked-by-server"), ACCENT_FAILED),))]

    def _present_failure(self, outcome: FailedOutcome) -> list[Card]:
        buttons = self._retry_and_delete()
        if not outcome.failure.retryable:
            buttons = buttons[1:]
        return pack([Section(self._catalogue.failure(outcome.failure), ACCENT_FAILED)], buttons)

    def _retry_and_delete(self) -> tuple[JobButton, ...]:
        return (
            JobButton("retry", self._catalogue.text("button-retry"), "primary"),
            JobButton("delete", self._catalogue.text("button-delete")),
        )

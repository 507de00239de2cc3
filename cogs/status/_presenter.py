"""How one's own jobs look."""

from __future__ import annotations

from services.catalogue import Catalogue
from services.workflows.own_jobs import OwnJob, OwnStatus

from cogs._ui import Card, JobButton, Section

SHOWN = 10
"""Jobs in one card; it says how many more there are."""
LEAST_SHOWN_USD = 0.01
"""Less is said to be less, not to be nothing."""
STOP = "halt"
"""Unlike `stop`, it works wherever the person is: the card is private."""

_DOES = {
    "read_post": "status-does-read-post",
    "answer_question": "status-does-answer-question",
    "summarize_thread": "status-does-summarize-thread",
    "refine_image": "status-does-refine-image",
}
"""What each workflow does, in the catalogue."""


def present(catalogue: Catalogue, status: OwnStatus) -> Card:
    """Return the private card of a person's jobs and budget."""
    shown = status.jobs[:SHOWN]
    lines = [_line(catalogue, number, job) for number, job in enumerate(shown, 1)]
    if not lines:
        lines = [catalogue.text("status-no-jobs")]
    if len(status.jobs) > SHOWN:
        lines.append(catalogue.text("status-more-jobs", count=len(status.jobs) - SHOWN))
    lines += ["", _money(catalogue, status), _requests(catalogue, status)]
    if status.is_paused:
        lines.append(catalogue.text("status-paused"))
    buttons = tuple(
        JobButton(STOP, catalogue.text("status-stop", number=number), "danger", job.job_id)
        for number, job in enumerate(shown, 1)
        if job.may_stop
    )
    return Card((Section("\n".join(lines)),), buttons)


def _line(catalogue: Catalogue, number: int, job: OwnJob) -> str:
    code = "status-queued" if job.is_queued else "status-running"
    what = catalogue.text(_DOES.get(job.workflow, "status-does-something"))
    link = catalogue.text("status-nowhere")
    if job.place is not None:
        link = f"https://discord.com/channels/{job.guild_id or '@me'}/{job.place.channel_id}"
        link += f"/{job.place.progress_message_id}"
    return catalogue.text(code, number=number, what=what, link=link, since=str(int(job.created)))


def _money(catalogue: Catalogue, status: OwnStatus) -> str:
    spent = f"{status.usd:.2f}"
    if 0 < status.usd < LEAST_SHOWN_USD:
        spent = catalogue.text("status-money-tiny", amount=f"{LEAST_SHOWN_USD:.2f}")
    if not status.usd_limit:
        return catalogue.text("status-money-unlimited", spent=spent)
    return catalogue.text("status-money", spent=spent, limit=f"{status.usd_limit:.2f}")


def _requests(catalogue: Catalogue, status: OwnStatus) -> str:
    if not status.request_limit:
        return catalogue.text("status-requests-unlimited", count=status.requests)
    return catalogue.text("status-requests", count=status.requests, limit=status.request_limit)

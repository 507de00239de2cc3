"""Sum up what is too long to be read: in one call, or part by part when it is very long."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from services import failures
from services.ai.prices import PriceTable
from services.ai.protocols import SummaryKind, TextModel
from services.domain import Failure, JobRequest, Summary
from services.errors import BotError
from services.readings import chapters_text
from services.secret_box import SecretBox
from services.settings import Settings
from services.workflows.paid import PaidCalls


@dataclass(frozen=True, slots=True)
class Material:
    """Something to be summed up."""

    kind: SummaryKind
    text: str


@dataclass(frozen=True, slots=True)
class SummedUp:
    """A summary, or why there is none."""

    summary: Summary | None = None
    usd: float | None = 0.0
    failure: Failure | None = None


class Summaries:
    """Makes summaries."""

    def __init__(
        self, *, settings: Settings, text: TextModel, prices: PriceTable, paid: PaidCalls, secrets: SecretBox
    ) -> None:
        self._settings = settings
        self._text = text
        self._prices = prices
        self._paid = paid
        self._secrets = secrets

    def parts(self, material: Material) -> list[Material]:
        """Return the parts that one call can take in each; a single one is summed up as it is."""
        limit = self._settings.limits.context_chars
        parts: list[str] = []
        for line in material.text.splitlines(keepends=True):
            if not parts or len(parts[-1]) + len(line) > limit:
                parts.append("")
            parts[-1] += line[:limit]
        return [Material(material.kind, part) for part in parts]

    @staticmethod
    def joined(material: Material, notes: Sequence[SummedUp]) -> Material:
        """Return what the parts' summaries say, in order, to be summed up once more."""
        texts = [_as_notes(each.summary) for each in notes if each.summary is not None]
        return Material(material.kind, "\n".join(texts))

    async def sum_up(self, request: JobRequest, material: Material, *, is_part: bool = False) -> SummedUp:
        """Make one call; its failure leaves what was seen and heard standing.

        Args:
            is_part: The result will be summed up once more, so nothing may be left out.
        """
        model = self._settings.models.text.model
        try:
            reply = await self._paid.call(
                request,
                role="text",
                model=model,
                estimate=self._prices.estimate(
                    model,
                    characters=len(material.text) + len(request.text),
                    pictures=(),
                    max_output_tokens=self._settings.limits.summary_tokens,
                ),
                make=lambda: self._text.summarize(
                    material.text,
                    kind=material.kind,
                    question=request.text,
                    length="long" if is_part else request.options.length,
                    language=request.options.language or request.locale,
                    person=self._secrets.person_id(request.requester_id),
                ),
            )
        except Exception as error:  # the material is worth posting without it
            usd = error.spend.usd if isinstance(error, BotError) and error.spend else 0.0
            return SummedUp(usd=usd, failure=failures.note(error, request.job_id))
        return SummedUp(reply.value, reply.spend.usd)


def _as_notes(summary: Summary) -> str:
    lines = [chapters_text(summary.chapters) or summary.text]
    for name, points in (
        ("Key point", summary.key_points),
        ("Decision", summary.decisions),
        ("To do", summary.todos),
        ("Only heard", summary.only_heard),
        ("Only seen", summary.only_seen),
        ("Open question", summary.open_questions),
        ("Person", summary.people),
    ):
        lines += [f"{name}: {each}" for each in points]
    if summary.answer:
        lines.append(f"About the request: {summary.answer}")
    return "\n".join(lines)

"""Jobs as an operator reads them in a terminal."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from services.codec import to_json
from services.domain import JobRequest
from services.operating.desk import JobLine, JobSheet
from services.operating.erasure import Erased


def line(job: JobLine) -> str:
    """Return one line: id, state, workflow, age, stage, spend, person, server."""
    where = f"server {job.guild_id}" if job.guild_id else "direct"
    stage = f"{job.last_step or '-'} ({job.steps})"
    return (
        f"{job.job_id:<32} {job.state:<10} {job.workflow:<16} {_span(job.seconds):>8} {stage:<22} "
        f"{_usd(job.usd):>12}  person {job.person_id}  {where}"
    )


def sheet(job: JobSheet) -> str:
    """Return all that is known of a job."""
    head = job.line
    begun = datetime.fromtimestamp(head.created, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    lines = [
        line(head),
        f"begun    {begun}" + (f", last run by {job.process}" if job.process else ""),
        *([f"again    {job.forked_from}, from the steps that it had recorded"] if job.forked_from else []),
        *(f"failure  {_failure(code, reference)}" for code, reference in job.failures),
        "steps" if job.steps else "steps    none are recorded",
    ]
    for step in job.steps:
        took = "" if step.seconds is None else _span(step.seconds)
        end = _failure(step.error, step.reference) if step.error else "ok"
        lines.append(f"  {step.number:>3}  {step.name:<24} {took:>8}  {end}")
        if step.result is not None:
            lines.append("       " + json.dumps(step.result, ensure_ascii=False))
    lines.append("spend" if job.spend else "spend    nothing")
    lines += [
        f"  {each.role:<14} {each.model:<28} {each.calls:>3} calls "
        f"{each.input_tokens:>8} in {each.output_tokens:>7} out {_usd(each.usd):>12}"
        for each in job.spend
    ]
    if job.request is not None:
        lines += ["request", "  " + json.dumps(to_json(JobRequest, job.request), ensure_ascii=False)]
    return "\n".join(lines)


def erased(done: Erased) -> str:
    """Return what was erased."""
    counts = ", ".join(f"{rows} {name}" for name, rows in sorted(done.rows.items()) if rows)
    text = f"Erased: {counts}." if counts else "There was nothing to erase."
    if done.busy:
        text += (
            f"\n{done.busy} of other people's jobs still run in the same places and may quote it: "
            "run this again when they are over."
        )
    return text


def _failure(code: str, reference: str) -> str:
    return f"{code} (reference {reference})" if reference else code


def _span(seconds: float) -> str:
    if seconds < 1:
        return f"{seconds * 1000:.0f}ms"
    if seconds < 60:
        return f"{seconds:.1f}s"
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{days}d{hours:02}h"
    return f"{hours}h{minutes:02}m" if hours else f"{minutes}m{rest:02}s"


def _usd(amount: float | None) -> str:
    return "unpriced" if amount is None else f"{amount:.4f} USD"

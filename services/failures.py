"""From an exception to the one sentence a person gets, with a reference that finds the details in the log."""

from __future__ import annotations

import logging

from services.domain import Failure
from services.errors import BotError
from services.references import new_reference

log = logging.getLogger(__name__)


def note(error: Exception, job_id: str) -> Failure:
    """Log an error under a new reference and return what the person is told.

    Expected errors are one line; anything else is logged with its traceback and told as unexpected.
    """
    reference = new_reference()
    if isinstance(error, BotError):
        log.warning("Job %s: %s (reference %s)", job_id, error, reference)
        return error.as_failure(reference)
    log.error("Job %s failed unexpectedly (reference %s)", job_id, reference, exc_info=error)
    return Failure(code="unexpected", reference=reference, retryable=True)

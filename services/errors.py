"""What can go wrong, named by what the person can do about it.

Every error carries a catalogue `code` and its parameters instead of a sentence, so that it can be
stored, translated and shown later. `services/catalogue.py` turns it into the sentence.

    BotError
    ├── UserError       the request cannot be served as it is; asking again the same way will not help
    │   ├── MediaError      this file: too big, broken, unsupported, gone
    │   ├── BudgetError     a limit of money or count is reached; says when it goes on
    │   └── BlockedError    a model or a moderator declined
    ├── UnexpectedError a defect; its details are in the log
    └── ServiceError    something behind the bot failed; `retryable` says whether trying again may help
        ├── BusyError       overloaded or rate limited
        ├── DeadlineError   no answer in time
        ├── CreditError     out of credit or rejected key: the owner must act
        ├── AccessError     this model is missing, or closed to this key: the owner must act
        └── ReplyError      the answer was unusable: truncated, empty, not what was asked for
"""

from __future__ import annotations

from typing import ClassVar

from services.domain import Failure, Spend


class BotError(Exception):
    """Base of all errors that have a sentence for the user. Holds strings only, so it can be stored."""

    retryable: ClassVar[bool] = False

    def __init__(self, code: str, **params: str) -> None:
        super().__init__(code, params)
        self.code = code
        self.params = params
        self.spend: Spend | None = None
        """What the failed call cost, when it was paid for."""

    def __str__(self) -> str:
        shown = " ".join(f"{name}={value}" for name, value in self.params.items())
        return f"{self.code} {shown}".rstrip()

    def as_failure(self, reference: str) -> Failure:
        """Return the storable form; `reference` is the id under which the log has the details."""
        return Failure(code=self.code, params=dict(self.params), reference=reference, retryable=self.retryable)


class UserError(BotError):
    """The request cannot be served as it is."""


class MediaError(UserError):
    """This file cannot be read."""


class BudgetError(UserError):
    """A limit of money or count is reached."""


class BlockedError(UserError):
    """A model or a moderator declined."""


class ServiceError(BotError):
    """Something behind the bot failed."""


class BusyError(ServiceError):
    """The model's server is overloaded, limits the rate or is away."""

    retryable = True


class DeadlineError(ServiceError):
    """No answer in time."""

    retryable = True


class CreditError(ServiceError):
    """Out of credit, or the key was rejected: paid work of that account pauses until the owner acts."""


class AccessError(ServiceError):
    """A role's model is missing or may not be used; the account is in order, so other roles go on."""


class ReplyError(ServiceError):
    """The answer was unusable."""

    retryable = True


class UnexpectedError(BotError):
    """Something nobody foresaw; the log has it under `reference`."""

    retryable = True


class ConfigurationError(Exception):
    """Something needed to start is missing or wrong; `problems` lists all of it (exit status 78)."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def rebuild(name: str, code: str, params: dict[str, str]) -> BotError:
    """Make a stored error again, as the class it had."""
    kinds: dict[str, type[BotError]] = {kind.__name__: kind for kind in _subclasses(BotError)}
    return kinds.get(name, UnexpectedError)(code, **params)


def _subclasses(kind: type[BotError]) -> list[type[BotError]]:
    below = kind.__subclasses__()
    return below + [each for child in below for each in _subclasses(child)]

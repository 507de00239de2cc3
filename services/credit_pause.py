"""Paid work pauses while an account has no credit or its key is rejected."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Protocol

from services.errors import AccessError, CreditError

log = logging.getLogger(__name__)

PAUSE_SECONDS = 300.0
PROBE_SECONDS = 30.0
"""Long enough for the one call that tries again."""
READING_ROLES = ("vision", "text")
"""Nothing is taken on that needs neither of them."""


class TellOwner(Protocol):
    """Tells the owner a sentence of the catalogue. Must not raise."""

    async def __call__(self, notice: str, *, role: str, reason: str) -> None:
        """Tell it; `reason` is the code of what people are told."""
        ...


@dataclass(slots=True)
class _Account:
    until: float = 0.0
    told: bool = False
    """Also: the pause, over or not, has not been ended by a paid call yet."""


class CreditPause:
    """Remembers that paying failed; after a while one call may try again.

    Only roles of the same account (endpoint and key) pause together. The owner is told once, in the log
    and in private, until a call succeeds.

    Args:
        accounts: What tells the accounts of the roles apart; a role that is not there has its own.
    """

    def __init__(
        self,
        tell_owner: TellOwner,
        accounts: Mapping[str, Hashable] | None = None,
        *,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._tell_owner = tell_owner
        self._ids = accounts or {}
        self._now = now
        self._accounts: dict[Hashable, _Account] = {}
        self._closed: set[str] = set()
        """Roles of which the owner was told that their model is missing or closed."""

    def check(self) -> None:
        """Raise when nothing need be taken on: none of the roles that read could be paid.

        Raises:
            CreditError: Paid work is paused.
        """
        if self.lasts:
            raise CreditError("credit-paused")

    @property
    def lasts(self) -> bool:
        """Whether paid work is paused for all that reads."""
        return all(self._is_paused(role) for role in READING_ROLES)

    def check_role(self, role: str) -> None:
        """Raise what stopped paid work of a role, while the pause lasts.

        Raises:
            CreditError: Paid work of the role's account is paused.
        """
        if self._is_paused(role):
            raise CreditError("credit-paused")

    def check_call(self, role: str) -> None:
        """As `check_role`, before a call: after the pause one goes first, and the others wait for its end.

        Raises:
            CreditError: Paid work of the role's account is paused.
        """
        self.check_role(role)
        account = self._account(role)
        if account.told:
            account.until = self._now() + PROBE_SECONDS

    async def begin(self, role: str, error: CreditError) -> None:
        """Pause the role's account, because this call could not be paid."""
        account = self._account(role)
        account.until = self._now() + PAUSE_SECONDS
        if not account.told:
            account.told = True
            log.critical("Paid work of models.%s's account is paused: %s. Check credit and key.", role, error)
            await self._tell_owner("owner-paused", role=role, reason=error.code)

    async def close(self, role: str, error: AccessError) -> None:
        """Note that a role's model cannot be used; nothing pauses: the next call may be for another one."""
        if role not in self._closed:
            self._closed.add(role)
            log.critical("models.%s does not work: %s. Check its model id and access.", role, error)
            await self._tell_owner("owner-role-closed", role=role, reason=error.code)

    def end(self, role: str) -> None:
        """Note that a call was paid again."""
        self._accounts.pop(self._id(role), None)
        self._closed.discard(role)

    def _id(self, role: str) -> Hashable:
        return self._ids.get(role, role)

    def _account(self, role: str) -> _Account:
        return self._accounts.setdefault(self._id(role), _Account())

    def _is_paused(self, role: str) -> bool:
        account = self._accounts.get(self._id(role))
        return account is not None and self._now() < account.until

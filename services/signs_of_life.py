"""Signs of life of processes that share a queue: how often they are given, and when silence means death."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """How often a process says that it lives, and how long its silence is believed to be a pause."""

    every: float
    dead_after: float


class SignsOfLife:
    """Says whether a process may take the silence of others for their death.

    After an outage of the database all of them have been silent; and a process that was itself asleep
    knows nothing of what the others did meanwhile. Then each gets the time to speak first.
    """

    def __init__(self, heartbeat: Heartbeat) -> None:
        self._dead_after = heartbeat.dead_after
        # Others may have spoken a beat earlier than this process, and may be a beat late now.
        self._late = max(heartbeat.dead_after - 2 * heartbeat.every, 2 * heartbeat.every)
        self._last: float | None = None
        self._judges_from = 0.0

    def given(self, now: float) -> None:
        """Note that this process has just given a sign of life.

        Args:
            now: Seconds, on the monotonic clock.
        """
        if self._last is not None and now - self._last > self._late:
            self._judges_from = now + self._dead_after
        self._last = now

    def may_judge(self, now: float) -> bool:
        """Tell whether all has gone well for long enough."""
        return self._last is not None and now - self._last <= self._late and now >= self._judges_from

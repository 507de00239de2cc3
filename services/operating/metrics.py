"""What services report about their work, as Prometheus metrics. No label carries an id or a text."""

from __future__ import annotations

from typing import Literal

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from services.domain import Spend

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4
STEP_SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 80, 160)
JOB_SECONDS = (1, 2.5, 5, 10, 20, 40, 80, 160, 320, 640, 1280)
LAG_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1)

Service = Literal["discord", "models"]
BreakerState = Literal["closed", "half-open", "open"]
_BREAKER_VALUES: dict[BreakerState, int] = {"closed": 0, "half-open": 1, "open": 2}


class Metrics:
    """One process's metrics. Services only report; whoever asks reads `exposition`."""

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
        self._heartbeat = Gauge(
            "isthmus_heartbeat_age_seconds", "Since the event loop last gave a sign of life", registry=registry
        )
        self._lag = Histogram(
            "isthmus_loop_lag_seconds",
            "How late the event loop woke its probe",
            buckets=LAG_SECONDS,
            registry=registry,
        )
        self._queued = Gauge("isthmus_queue_depth", "Jobs that wait, of all processes", registry=registry)
        self._running = Gauge("isthmus_jobs_running", "Jobs at work, of all processes", registry=registry)
        self._oldest = Gauge(
            "isthmus_queue_oldest_age_seconds", "Age of the job that waits longest; 0: none", registry=registry
        )
        self._jobs = Counter("isthmus_jobs", "Jobs that ended here", ["workflow", "result"], registry=registry)
        self._job_seconds = Histogram(
            "isthmus_job_seconds",
            "From a job's place to its outcome",
            ["workflow"],
            buckets=JOB_SECONDS,
            registry=registry,
        )
        self._step_seconds = Histogram(
            "isthmus_step_seconds",
            "Duration of one step of a workflow, its tries included",
            ["step"],
            buckets=STEP_SECONDS,
            registry=registry,
        )
        self._step_errors = Counter(
            "isthmus_step_errors", "Steps that ended in an error", ["step", "error"], registry=registry
        )
        self._calls = Counter("isthmus_model_calls", "Model calls", ["role", "result"], registry=registry)
        self._call_seconds = Histogram(
            "isthmus_model_call_seconds",
            "Duration of a model call",
            ["role"],
            buckets=STEP_SECONDS,
            registry=registry,
        )
        self._tokens = Counter(
            "isthmus_model_tokens", "Tokens by the servers' own figures", ["role", "kind"], registry=registry
        )
        self._usd = Counter(
            "isthmus_model_spend_usd", "Cost of calls with a known price", ["role"], registry=registry
        )
        self._unpriced = Counter(
            "isthmus_model_unpriced_calls", "Paid calls whose price is unknown", ["role"], registry=registry
        )
        self._retries = Counter("isthmus_retries", "Tries after the first one", ["what"], registry=registry)
        self._responses = Counter(
            "isthmus_responses",
            "HTTP responses; 429 is a class of its own, none is a lost connection",
            ["service", "status"],
            registry=registry,
        )
        self._breakers = Gauge(
            "isthmus_breaker_state", "0 closed, 1 half-open, 2 open", ["role"], registry=registry
        )
        self._cache = Gauge("isthmus_cache_bytes", "Cached frames and pieces of sound", registry=registry)
        self._erased = Counter("isthmus_erased_rows", "Rows erased, by table", ["table"], registry=registry)

    def exposition(self) -> bytes:
        """Return everything in Prometheus's text format."""
        return generate_latest(self._registry)

    def heartbeat(self, age_seconds: float) -> None:
        """Note how long ago the loop last gave a sign of life."""
        self._heartbeat.set(age_seconds)

    def loop_lagged(self, seconds: float) -> None:
        """Note how late the loop woke a probe."""
        self._lag.observe(seconds)

    def queue(self, *, waiting: float, running: float, oldest_seconds: float) -> None:
        """Note how many jobs wait and run in the whole fleet."""
        self._queued.set(waiting)
        self._running.set(running)
        self._oldest.set(oldest_seconds)

    def job_ended(self, workflow: str, result: str, seconds: float) -> None:
        """Count a job whose outcome stands."""
        self._jobs.labels(workflow, result).inc()
        self._job_seconds.labels(workflow).observe(seconds)

    def step_ended(self, name: str, seconds: float, error: str = "") -> None:
        """Count one step that was run; what answers from the record does not count.

        Args:
            name: With or without the index of a fan-out.
            error: Code of the error in which it ended, if it did.
        """
        step = name.partition("#")[0]
        self._step_seconds.labels(step).observe(seconds)
        if error:
            self._step_errors.labels(step, error).inc()

    def model_called(self, role: str, result: str, seconds: float, spend: Spend | None) -> None:
        """Count a model call.

        Args:
            role: The budget's name of the work, such as `vision`.
            result: `ok`, or the code of the error in which it ended.
            spend: What it cost; None when it cost nothing.
        """
        self._calls.labels(role, result).inc()
        self._call_seconds.labels(role).observe(seconds)
        if spend is None:
            return
        self._tokens.labels(role, "input").inc(spend.input_tokens)
        self._tokens.labels(role, "cached").inc(spend.cached_tokens)
        self._tokens.labels(role, "output").inc(spend.output_tokens)
        if spend.usd is None:
            self._unpriced.labels(role).inc()
        else:
            self._usd.labels(role).inc(spend.usd)

    def retried(self, what: str) -> None:
        """Count a try after the first one, of a `step` or a `model` request."""
        self._retries.labels(what).inc()

    def responded(self, service: Service, status: int | None) -> None:
        """Count a response of a server; None: the connection was lost."""
        shown = "none" if status is None else "429" if status == 429 else f"{status // 100}xx"
        self._responses.labels(service, shown).inc()

    def breaker(self, role: str, state: BreakerState) -> None:
        """Note the state of the breaker of a role."""
        self._breakers.labels(role).set(_BREAKER_VALUES[state])

    def cache_size(self, size: int) -> None:
        """Note how many bytes the cache holds."""
        self._cache.set(size)

    def erased(self, table: str, rows: int) -> None:
        """Count rows that retention or an erasure has deleted."""
        if rows:
            self._erased.labels(table).inc(rows)

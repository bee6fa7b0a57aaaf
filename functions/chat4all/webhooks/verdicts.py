"""What its attempts say of an endpoint: that it is well, fails, shall rest, or that it is over."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chat4all.webhooks.endpoint import Attempt, Endpoint, EndpointStatus
from chat4all.webhooks.schedule import FIVE_DAYS_MS

GONE = 410
"""The status by which a subscriber ends it, at once."""
RESTING = "resting"
REST_MS = 60_000
"""An endpoint that says nothing takes up to fifteen seconds for ten attempts. Its others would
pile up in the queue, which looks only so far for those of somebody else."""
SLOW_MS = 4_000
"""Our shortest limit is five seconds; who waits for another's look-up ends a little earlier."""
SILENT_AT_LEAST = 5
"""Fewer at once are no backlog, and may be an accident."""


def verdict(endpoint: Endpoint, attempts: Sequence[Attempt], now: int) -> dict[str, Any]:
    """What changes in an endpoint after these attempts at it; nothing, as a rule."""
    made = [attempt for attempt in attempts if attempt.error != RESTING]
    if not (endpoint.is_posted_to and made):
        return {}
    if any(attempt.status_code == GONE for attempt in made):
        return {"status": EndpointStatus.DISABLED, "disabled_reason": "gone"}
    if any(attempt.error is None for attempt in made):
        return {} if endpoint.failing_since is None else {"failing_since": None}
    if endpoint.failing_since is not None and now - endpoint.failing_since >= FIVE_DAYS_MS:
        return {"status": EndpointStatus.DISABLED, "disabled_reason": "failing"}
    changes: dict[str, Any] = {}
    if endpoint.failing_since is None:
        changes["failing_since"] = min(attempt.at for attempt in made)
    if len(made) >= SILENT_AT_LEAST and all(map(_was_silent, made)):
        changes["resting_until"] = now + REST_MS
    return changes


def _was_silent(attempt: Attempt) -> bool:
    """Whatever the reason: no answer, no connection or no address, and it took its time."""
    return attempt.status_code is None and attempt.duration_ms >= SLOW_MS

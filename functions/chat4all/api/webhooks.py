"""Webhooks: register subscribers' endpoints, look after them, test them, replay to them."""

from __future__ import annotations

from chat4all.api.requests import ReplayIn
from chat4all.api.views.webhooks import (
    AttemptOut,
    AttemptPage,
    ReplayOut,
    TestOut,
    WebhookOut,
    WebhookPage,
    WebhookWithSecret,
)
from chat4all.bootstrap.access import cursors
from chat4all.bootstrap.webhooks import attempting, webhooks
from chat4all.caller import Caller
from chat4all.observability import logger
from chat4all.ports.webhooks import AttemptKey
from chat4all.timestamps import ms_of
from chat4all.webhooks.endpoint import EndpointPatch, NewEndpoint


def create(caller: Caller, new: NewEndpoint) -> WebhookWithSecret:
    """The secret is shown this once."""
    shown = webhooks().create(caller, new)
    logger().info("webhook created", webhook_id=shown.endpoint.webhook_id, by=new.delivery)
    return WebhookWithSecret.of(shown)


def listed(caller: Caller) -> WebhookPage:
    """All of them, the oldest first."""
    return WebhookPage(items=[WebhookOut.of(s) for s in webhooks().list(caller)])


def get(caller: Caller, webhook_id: str) -> WebhookOut:
    return WebhookOut.of(webhooks().show(caller, webhook_id))


def change(caller: Caller, webhook_id: str, patch: EndpointPatch) -> WebhookOut:
    """What the patch names, and nothing else."""
    shown = webhooks().change(caller, webhook_id, patch)
    logger().info("webhook changed", webhook_id=webhook_id, status=shown.status)
    return WebhookOut.of(shown)


def delete(caller: Caller, webhook_id: str) -> None:
    webhooks().delete(caller, webhook_id)
    logger().info("webhook deleted", webhook_id=webhook_id)


def rotate_secret(caller: Caller, webhook_id: str) -> WebhookWithSecret:
    """The old one signs beside the new one for 24 hours."""
    shown = webhooks().rotate(caller, webhook_id)
    logger().info("webhook secret rotated", webhook_id=webhook_id)
    return WebhookWithSecret.of(shown)


def test(caller: Caller, webhook_id: str) -> TestOut:
    """Have one `endpoint.test` posted to it."""
    return TestOut(event_id=attempting().test(caller, webhook_id))


def attempts(
    caller: Caller, webhook_id: str, *, limit: int = 50, cursor: str | None = None
) -> AttemptPage:
    """What came of each attempt in the last 30 days, the newest first."""
    listing = f"attempts {webhook_id}"
    before: AttemptKey | None = None
    if cursor is not None:
        at, event_id, attempt = cursors().decode(listing, cursor, int, str, int)
        before = AttemptKey(int(at), str(event_id), int(attempt))
    items, more = attempting().attempts(caller, webhook_id, before, limit)
    return AttemptPage(
        items=[AttemptOut.of(a) for a in items],
        next_cursor=None if more is None else cursors().encode(listing, *more),
    )


def replay(caller: Caller, webhook_id: str, wanted: ReplayIn) -> ReplayOut:
    """Post events again: these, or all of a range of time."""
    if wanted.event_ids is not None:
        begun = attempting().replay_events(caller, webhook_id, wanted.event_ids)
    else:
        until = None if wanted.until is None else ms_of(wanted.until)
        since = 0 if wanted.since is None else ms_of(wanted.since)
        begun = attempting().replay_range(caller, webhook_id, since, until)
    logger().info("replay begun", webhook_id=webhook_id, replay_id=begun.replay_id)
    return ReplayOut(replay_id=begun.replay_id, queued=begun.queued)

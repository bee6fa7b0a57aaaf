"""Webhooks: who wants what, and getting it there."""

from __future__ import annotations

from functools import cache

from chat4all.adapters.aws import client
from chat4all.adapters.delayed import SqsDelayed, SqsOffered
from chat4all.adapters.poster import PinnedPoster
from chat4all.adapters.resolver import SystemResolver
from chat4all.adapters.scheduler import EventBridgeScheduler
from chat4all.adapters.subscriptions import SnsSubscriptions
from chat4all.bootstrap.access import audit
from chat4all.bootstrap.parts import (
    attempt_store,
    clock,
    endpoint_store,
    event_log,
    queue,
    settings,
)
from chat4all.webhooks.attempting import Attempting
from chat4all.webhooks.dispatching import Dispatching
from chat4all.webhooks.managing import Webhooks
from chat4all.webhooks.queueing import Queueing
from chat4all.webhooks.schedule import Schedule


@cache
def _delayed() -> SqsDelayed:
    return SqsDelayed(client("sqs"), settings().webhooks_queue_url)


@cache
def _resolver() -> SystemResolver:
    return SystemResolver()


@cache
def webhooks() -> Webhooks:
    subscriptions = SnsSubscriptions(client("sns"), settings().events_topic_arn)
    local = settings().is_local
    return Webhooks(endpoint_store(), subscriptions, _resolver(), clock(), audit(), local=local)


@cache
def attempting() -> Attempting:
    stores = (endpoint_store(), attempt_store(), event_log())
    return Attempting(*stores, _delayed(), queue(), clock(), audit())


@cache
def queueing() -> Queueing:
    return Queueing(endpoint_store(), event_log(), queue(), _delayed(), clock())


@cache
def dispatching() -> Dispatching:
    known = settings()
    return Dispatching(
        endpoint_store(),
        attempt_store(),
        PinnedPoster(),
        _resolver(),
        _delayed(),
        EventBridgeScheduler(
            client("scheduler"),
            known.schedule_group,
            known.webhooks_queue_arn,
            known.scheduler_role_arn,
        ),
        SqsOffered(client("sqs"), known.attempts_queue_url),
        clock(),
        schedule=Schedule.parse(known.webhook_schedule),
        local=known.is_local,
    )

"""Endpoints that the topic's own service (SNS) posts to: kept in step with their subscriptions."""

from __future__ import annotations

from typing import Any

from chat4all.errors import Conflict, Raced, Unavailable
from chat4all.ports.webhooks import (
    EndpointStore,
    EventFilter,
    Subscriptions,
    SubscriptionState,
)
from chat4all.webhooks.endpoint import Endpoint, EndpointStatus

PENDING = "PENDING"
UNSUBSCRIBED = "unsubscribed"


class Subscribing:
    def __init__(self, subscriptions: Subscriptions, endpoints: EndpointStore) -> None:
        self._subscriptions = subscriptions
        self._endpoints = endpoints

    def begin(self, endpoint: Endpoint) -> str:
        """A subscription's ARN. Raises Conflict if the URL has one: SNS would hand the same one to
        two endpoints, and does not list it before it is confirmed."""
        taken = any(
            other.url == endpoint.url and other.delivery == "sns"
            for other in self._endpoints.list()
            if other.webhook_id != endpoint.webhook_id
        )
        try:
            if taken:
                raise Raced("the URL has an endpoint")
            return self._subscriptions.subscribe(endpoint.url, _filter(endpoint))
        except Raced as error:
            detail = "SNS posts to this URL already: it keeps one subscription for each."
            raise Conflict("url_subscribed", detail) from error

    def change(self, endpoint: Endpoint, changes: dict[str, Any]) -> Endpoint:
        """Change an endpoint, and tell SNS of it. A subscription that was ended elsewhere, or
        moves, is begun anew; the one before it ends when the endpoint knows the new one, so that
        an error at any point leaves the endpoint with one that is its own."""
        changed = endpoint.model_copy(update=changes)
        arn = endpoint.subscription_arn or ""
        moves = changed.url != endpoint.url
        if not moves and self._subscriptions.state(arn) is not SubscriptionState.GONE:
            self._subscriptions.change(arn, _filter(changed))
            return self._endpoints.update(endpoint, **changes)
        new = self.begin(changed)
        try:
            updated = self._endpoints.update(endpoint, **changes, subscription_arn=new)
        except (Raced, Unavailable):
            self._subscriptions.unsubscribe(new)
            raise
        self._subscriptions.unsubscribe(arn)
        return updated

    def end(self, endpoint: Endpoint) -> None:
        if endpoint.subscription_arn is not None:
            self._subscriptions.unsubscribe(endpoint.subscription_arn)

    def status(self, endpoint: Endpoint) -> tuple[str, str | None]:
        """The status to show, and the reason if it is DISABLED."""
        if endpoint.subscription_arn is not None:
            state = self._subscriptions.state(endpoint.subscription_arn)
            if state is SubscriptionState.PENDING:
                return PENDING, None
            if state is SubscriptionState.GONE:
                return str(EndpointStatus.DISABLED), UNSUBSCRIBED
        return str(endpoint.status), endpoint.disabled_reason


def _filter(endpoint: Endpoint) -> EventFilter:
    paused = endpoint.status is not EndpointStatus.ACTIVE
    return EventFilter(endpoint.types, endpoint.conversation_id, paused)

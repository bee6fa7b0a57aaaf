"""Register subscribers' endpoints and look after them. For services alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from chat4all.access.audit import Audit
from chat4all.caller import Caller
from chat4all.errors import Conflict, Invalid, NotFound, Unavailable
from chat4all.events.types import TYPES
from chat4all.ids import new_id
from chat4all.ports import Clock
from chat4all.ports.webhooks import EndpointStore, Resolver, Subscriptions
from chat4all.webhooks.addresses import destination
from chat4all.webhooks.endpoint import (
    EVERYTHING,
    MAX_ENDPOINTS,
    Endpoint,
    EndpointPatch,
    EndpointStatus,
    NewEndpoint,
    Secret,
)
from chat4all.webhooks.signing import new_secret
from chat4all.webhooks.subscribing import Subscribing

ROTATION_MS = 24 * 3_600_000
"""So long an old secret signs beside the new one."""
MAX_SECRETS = 10


class Shown(NamedTuple):
    """An endpoint with its status as its owner sees it. `secret` is there once, when it is new."""

    endpoint: Endpoint
    status: str
    reason: str | None
    secret: str | None = None


class Webhooks:
    def __init__(
        self,
        endpoints: EndpointStore,
        subscriptions: Subscriptions,
        resolver: Resolver,
        clock: Clock,
        audit: Audit,
        *,
        local: bool,
    ) -> None:
        self._endpoints = endpoints
        self._subscribing = Subscribing(subscriptions, endpoints)
        self._resolver = resolver
        self._clock = clock
        self._audit = audit
        self._local = local

    def create(self, caller: Caller, new: NewEndpoint) -> Shown:
        """Register an endpoint; it gets the events that happen from now on.

        Raises:
            Invalid: an unknown type, or a URL that we do not post to.
            Conflict: there are too many, or SNS posts to this URL already.
        """
        caller.must_be_service()
        _check_types(new.types)
        destination(new.url, self._resolver.resolve, local=self._local)
        if len(self._endpoints.list()) >= MAX_ENDPOINTS:
            detail = f"There are {MAX_ENDPOINTS} endpoints already: delete one."
            raise Conflict("too_many_webhooks", detail)
        secret = new_secret() if new.delivery == "webhook" else None
        endpoint = Endpoint(
            webhook_id=new_id(),
            **new.model_dump(),
            secrets=(Secret(value=secret),) if secret else (),
            created_at=self._clock.now(),
        )
        told = {"delivery": new.delivery, "host": _host(new.url, new.delivery)}
        self._note(caller, "created", endpoint, **told)
        if new.delivery == "sns":
            endpoint = endpoint.model_copy(
                update={"subscription_arn": self._subscribing.begin(endpoint)}
            )
        try:
            self._endpoints.add(endpoint)
        except Unavailable:
            self._subscribing.end(endpoint)  # or its URL would be taken by nobody
            raise
        return self._shown(endpoint, secret)

    def list(self, caller: Caller) -> Sequence[Shown]:
        caller.must_be_service()
        return [self._shown(endpoint) for endpoint in self._endpoints.list()]

    def show(self, caller: Caller, webhook_id: str) -> Shown:
        return self._shown(self._found(caller, webhook_id))

    def change(self, caller: Caller, webhook_id: str, patch: EndpointPatch) -> Shown:
        """Change what the patch names. ACTIVE takes a pause and a disabling back.

        Raises:
            Conflict: SNS posts to the new URL already.
            Raced: somebody else changed it meanwhile.
        """
        endpoint = self._found(caller, webhook_id)
        changes = {
            name: value
            for name, value in patch.model_dump(exclude_unset=True).items()
            if value is not None or name == "description"
        }
        if patch.types is not None:
            _check_types(patch.types)
        if patch.url is not None and patch.url != endpoint.url:
            destination(patch.url, self._resolver.resolve, local=self._local)
            changes |= {"failing_since": None, "resting_until": None}
        if patch.status is not None:
            changes["status"] = EndpointStatus(patch.status)
            if changes["status"] is not endpoint.status:
                changes |= {"disabled_reason": None, "failing_since": None, "resting_until": None}
        if not changes:
            return self._shown(endpoint)
        told = {"host": _host(patch.url, endpoint.delivery)} if patch.url is not None else {}
        self._note(caller, "changed", endpoint, fields=sorted(patch.model_fields_set), **told)
        if endpoint.delivery == "sns":
            return self._shown(self._subscribing.change(endpoint, changes))
        return self._shown(self._endpoints.update(endpoint, **changes))

    def delete(self, caller: Caller, webhook_id: str) -> None:
        """What is under way for it is dropped when it comes up."""
        endpoint = self._found(caller, webhook_id)
        self._note(caller, "deleted", endpoint)
        self._subscribing.end(endpoint)
        self._endpoints.delete(webhook_id)

    def rotate(self, caller: Caller, webhook_id: str) -> Shown:
        """A new secret; those that there are sign beside it for a day more at the most."""
        endpoint = posted_to(self._endpoints, caller, webhook_id)
        secret, now = new_secret(), self._clock.now()
        ends = now + ROTATION_MS
        old = [
            Secret(value=s.value, expires_at=min(s.expires_at or ends, ends))
            for s in endpoint.secrets
            if s.expires_at is None or s.expires_at > now
        ]
        secrets = (Secret(value=secret), *old[: MAX_SECRETS - 1])
        self._note(caller, "secret_rotated", endpoint)
        return self._shown(self._endpoints.update(endpoint, secrets=secrets), secret)

    def _note(self, caller: Caller, what: str, endpoint: Endpoint, **detail: Any) -> None:
        """In the audit trail. Of a URL the host alone: the rest of it may hold a secret."""
        self._audit.record(caller, f"webhook.{what}", endpoint.webhook_id, **detail)

    def _found(self, caller: Caller, webhook_id: str) -> Endpoint:
        return found(self._endpoints, caller, webhook_id)

    def _shown(self, endpoint: Endpoint, secret: str | None = None) -> Shown:
        return Shown(endpoint, *self._subscribing.status(endpoint), secret)


def found(endpoints: EndpointStore, caller: Caller, webhook_id: str) -> Endpoint:
    """Raises Forbidden for a user's token, NotFound if there is none."""
    caller.must_be_service()
    endpoint = endpoints.get(webhook_id)
    if endpoint is None:
        raise NotFound("webhook_not_found", "There is no such webhook.")
    return endpoint


def posted_to(endpoints: EndpointStore, caller: Caller, webhook_id: str) -> Endpoint:
    """The same; raises Conflict for one that SNS posts to."""
    endpoint = found(endpoints, caller, webhook_id)
    if endpoint.delivery == "sns":
        detail = "SNS posts to it by itself: it has no secret, no attempts and no replay."
        raise Conflict("delivered_by_sns", detail)
    return endpoint


def _host(url: str, delivery: str) -> str:
    """Where it leads, without a port, a path or a query; SNS may go by http, so there the protocol
    is told, too."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname}" if delivery == "sns" else str(parts.hostname)


def _check_types(types: Sequence[str]) -> None:
    unknown = sorted(set(types) - {*TYPES, *EVERYTHING})
    if unknown:
        detail = f"No such event type: {', '.join(unknown)}."
        raise Invalid("unknown_event_type", detail, types=list(TYPES))

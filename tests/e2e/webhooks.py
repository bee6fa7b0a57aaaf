"""Subscribers of webhooks: endpoints of the deployed stack, and the receiver that they post to."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from infra.local.client import Api, wait_until
from infra.local.receiver import Answer, Delivery, Receiver
from tests.e2e.told import matching

LOGGED = (
    "message.received", "message.accepted", "message.sent", "message.delivered", "message.read",
    "message.failed", "conversation.created", "conversation.updated", "conversation.read",
    "conversation.delivered", "member.joined", "member.left", "user.updated", "user.erased",
    "file.ready", "file.rejected", "endpoint.disabled",
)  # fmt: skip
TRANSIENT = ("typing", "presence")


@dataclass(frozen=True)
class Subscriber:
    """One endpoint, at a path of its own of a receiver."""

    api: Api
    receiver: Receiver
    path: str
    webhook_id: str
    secret: str

    @property
    def at(self) -> str:
        return f"/v1/webhooks/{self.webhook_id}"

    def deliveries(self) -> list[Delivery]:
        return self.receiver.deliveries(self.path)

    def events(self, *types: str, **data: Any) -> list[dict[str, Any]]:
        """What came, each signed with our secret; those of these types and with these data."""
        found = [delivery.event(self.secret) for delivery in self.deliveries()]
        return matching(found, types, data)

    def wait_for(
        self, *types: str, count: int = 1, seconds: float = 20, **data: Any
    ) -> list[dict[str, Any]]:
        """At least so many."""
        return wait_until(
            lambda: found if len(found := self.events(*types, **data)) >= count else None,
            f"{count} of {types or 'all types'} at {self.path}; came: {self.came()}",
            seconds,
        )

    def came(self) -> dict[str, int]:
        return dict(Counter(event["type"] for event in self.events()))

    def answers(self, *answers: Answer) -> None:
        self.receiver.answers(*answers, path=self.path)

    def always(self, answer: Answer) -> None:
        self.receiver.always(answer, path=self.path)

    def now(self) -> Any:
        """What the API says of the endpoint."""
        return self.api.ok("GET", self.at)

    def patch(self, **changes: Any) -> Any:
        return self.api.ok("PATCH", self.at, changes)

    def attempts(self, event_id: str | None = None) -> list[Any]:
        """The newest first."""
        items: list[Any] = []
        query: dict[str, Any] = {"limit": 100}
        while True:
            page = self.api.ok("GET", f"{self.at}/attempts", params=query)
            items += page["items"]
            if page["next_cursor"] is None:
                return [i for i in items if event_id in (None, i["event_id"])]
            query["cursor"] = page["next_cursor"]

    def wait_for_attempts(self, count: int, event_id: str, seconds: float = 20) -> list[Any]:
        """The oldest first, once there are so many."""
        found = wait_until(
            lambda: rows if len(rows := self.attempts(event_id)) >= count else None,
            f"{count} attempts of {event_id}",
            seconds,
        )
        return found[::-1]


class Subscribers:
    """Registers endpoints, and removes them at the end: whoever comes next has the stack alone."""

    _numbers = itertools.count(1)

    def __init__(self, api: Api, receiver: Receiver) -> None:
        self.api, self.receiver = api, receiver
        self._registered: list[str] = []

    def add(self, *types: str, receiver: Receiver | None = None, **more: Any) -> Subscriber:
        at = receiver or self.receiver
        path = f"/subscriber-{next(self._numbers)}"
        body = {"url": at.url(path), "types": list(types) or ["*"], **more}
        made = self.api.ok("POST", "/v1/webhooks", body)
        self._registered.append(made["webhook_id"])
        return Subscriber(self.api, at, path, made["webhook_id"], made.get("secret") or "")

    def remove(self) -> None:
        for webhook_id in self._registered:
            self.api.call("DELETE", f"/v1/webhooks/{webhook_id}")


@contextmanager
def subscribing(api: Api) -> Iterator[Subscribers]:
    with Receiver() as receiver:
        found = Subscribers(api, receiver)
        try:
            yield found
        finally:
            found.remove()


def pages(api: Api, after: str | None, **query: Any) -> tuple[list[Any], str]:
    """All of the log that there is by now, and the cursor behind it."""
    items: list[Any] = []
    while True:
        more = {"after": after} if after else {}
        page = api.ok("GET", "/v1/events", params={**query, **more})
        items, after = items + page["items"], page["next_cursor"]
        if not page["has_more"]:
            return items, str(after)

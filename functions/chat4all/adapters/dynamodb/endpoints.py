"""Endpoints of subscribers, and what came of each attempt to reach them.

WEBHOOKS   / ENDPOINT#id                   an endpoint
WEBHOOK#id / ATTEMPT#ms#event#attempt      an attempt   TTL 30 days
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from chat4all.adapters.aws import available
from chat4all.adapters.dynamodb.table import Item, Table, key
from chat4all.errors import Raced
from chat4all.ports.webhooks import AttemptKey
from chat4all.webhooks.endpoint import Attempt, Endpoint

PARTITION = "WEBHOOKS"
ATTEMPT_LASTS_S = 30 * 86_400
LOOK_AT_ONCE = 10
_NOT_FACTS = ("pk", "sk", "expires_at")


class DynamoEndpointStore:
    def __init__(self, table: Table) -> None:
        self._table = table

    def add(self, endpoint: Endpoint) -> None:
        if self._table.put_new(_endpoint_item(endpoint)) is not None:
            raise Raced(f"endpoint {endpoint.webhook_id}")

    def get(self, webhook_id: str) -> Endpoint | None:
        item = self._table.get(PARTITION, f"ENDPOINT#{webhook_id}", fresh=True)
        return None if item is None else _endpoint(item)

    def list(self) -> list[Endpoint]:
        found = map(_endpoint, self._rows())
        return sorted(found, key=lambda e: (e.created_at, e.webhook_id))

    def update(self, endpoint: Endpoint, **changes: Any) -> Endpoint:
        changed = endpoint.model_copy(update={**changes, "version": endpoint.version + 1})
        item = _endpoint_item(changed)
        names = [name for name in (*changes, "version") if item.get(name) is not None]
        gone = [name for name in changes if item.get(name) is None]
        removed = " REMOVE " + ", ".join(f"#{name}" for name in gone) if gone else ""
        found = self._table.update(
            PARTITION,
            f"ENDPOINT#{endpoint.webhook_id}",
            "SET " + ", ".join(f"#{name} = :{name}" for name in names) + removed,
            condition="#version = :known",
            names={f"#{name}": name for name in (*names, *gone)},
            values={":known": endpoint.version, **{f":{name}": item[name] for name in names}},
        )
        return _endpoint(found)

    def delete(self, webhook_id: str) -> None:
        with available("table"):
            self._table.client.delete_item(
                TableName=self._table.name, Key=key(PARTITION, f"ENDPOINT#{webhook_id}")
            )

    def any_active(self) -> bool:
        """A few at a time: as a rule the first one is."""
        return any(_endpoint(item).is_posted_to for item in self._rows(Limit=LOOK_AT_ONCE))

    def _rows(self, **more: Any) -> Iterator[Item]:
        return self._table.query(
            "pk = :pk AND begins_with(sk, :endpoint)",
            {":pk": PARTITION, ":endpoint": "ENDPOINT#"},
            ConsistentRead=True,
            **more,
        )


class DynamoAttemptStore:
    def __init__(self, table: Table) -> None:
        self._table = table

    def add(self, attempts: Sequence[Attempt]) -> None:
        """By INSERT: one that is there already is the same one."""
        self._table.run([self._table.insert(_attempt_item(a)) for a in attempts])

    def page(
        self, webhook_id: str, before: AttemptKey | None, limit: int
    ) -> tuple[list[Attempt], AttemptKey | None]:
        first = None if before is None else _attempt_sk(*before)
        rows = self._table.query(
            "pk = :pk AND sk BETWEEN :from AND :to",
            {":pk": f"WEBHOOK#{webhook_id}", ":from": "ATTEMPT#", ":to": first or "ATTEMPT$"},
            ScanIndexForward=False,
            Limit=limit
            + 2,  # the one to go on from is among them, and one shows that there is more
        )
        found: list[Attempt] = []
        for row in rows:
            if row["sk"] == first:
                continue
            if len(found) == limit:
                last = found[-1]
                return found, AttemptKey(last.at, last.event_id, last.attempt)
            found.append(_attempt(row))
        return found, None


def _endpoint_item(endpoint: Endpoint) -> Item:
    facts = endpoint.model_dump(exclude={"webhook_id", "secrets"}, exclude_none=True)
    secrets = [s.model_dump(exclude_none=True) for s in endpoint.secrets]
    facts |= {"types": list(endpoint.types), "status": str(endpoint.status)}
    if secrets:
        facts["secrets"] = json.dumps(secrets, separators=(",", ":"))
    return {"pk": PARTITION, "sk": f"ENDPOINT#{endpoint.webhook_id}", **facts}


def _endpoint(item: Item) -> Endpoint:
    facts = {name: value for name, value in item.items() if name not in _NOT_FACTS}
    facts["secrets"] = json.loads(item.get("secrets", "[]"))
    return Endpoint(webhook_id=item["sk"].removeprefix("ENDPOINT#"), **facts)


def _attempt_sk(at: int, event_id: str, attempt: int) -> str:
    return f"ATTEMPT#{at:013d}#{event_id}#{attempt}"


def _attempt_item(attempt: Attempt) -> Item:
    return {
        "pk": f"WEBHOOK#{attempt.webhook_id}",
        "sk": _attempt_sk(attempt.at, attempt.event_id, attempt.attempt),
        **attempt.model_dump(exclude={"webhook_id"}, exclude_none=True),
        "expires_at": attempt.at // 1000 + ATTEMPT_LASTS_S,
    }


def _attempt(item: Item) -> Attempt:
    facts = {name: value for name, value in item.items() if name not in _NOT_FACTS}
    return Attempt(webhook_id=item["pk"].removeprefix("WEBHOOK#"), **facts)

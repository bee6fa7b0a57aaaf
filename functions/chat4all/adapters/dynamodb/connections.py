"""Connected clients.

CONNECTION#id / CONNECTION  user, scopes, times; expires after three hours
USER#id / PRESENCE          `conn#<id>`: when it came and when its token ends; `last_seen`
REALTIME / ACTIVE           until when somebody may be connected
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from chat4all.adapters.aws import available
from chat4all.adapters.dynamodb.table import Item, Table, key
from chat4all.errors import Raced
from chat4all.realtime.connection import LONGEST_MS, Connection, Opened, Presence

HOUR_MS = 3_600_000
_MARKER = ("REALTIME", "ACTIVE")
_CONN = "conn#"


class DynamoConnectionStore:
    def __init__(self, table: Table) -> None:
        self._table = table
        self._active_until = 0
        """As last read: the marker only rises."""

    def add(self, connection: Connection, gone: Sequence[str] = ()) -> None:
        at = connection.connected_at
        self._raise_marker(at)
        self._table.put_new(_item(connection))
        names = {"#new": _CONN + connection.connection_id}
        names |= {f"#g{number}": _CONN + other for number, other in enumerate(gone)}
        removed = ", ".join(f"#g{number}" for number in range(len(gone)))
        self._table.update(
            f"USER#{connection.user_id}",
            "PRESENCE",
            "SET #new = :opened" + (f" REMOVE {removed}" if removed else ""),
            condition=None,
            names=names,
            values={":opened": _opened(connection)},
        )

    def _raise_marker(self, at: int) -> None:
        """Once an hour, whoever comes."""
        if self._active_until <= at + LONGEST_MS:
            self._active_until = self._until()
        if self._active_until > at + LONGEST_MS:
            return
        until = at + LONGEST_MS + HOUR_MS
        try:
            self._table.update(
                *_MARKER,
                "SET #until = :until",
                condition="attribute_not_exists(#until) OR #until < :until",
                names={"#until": "until"},
                values={":until": until},
            )
        except Raced:
            return  # somebody raised it higher
        self._active_until = until

    def _until(self) -> int:
        item = self._table.get(*_MARKER, fresh=True)
        return int(item["until"]) if item else 0

    def get(self, connection_id: str) -> Connection | None:
        item = self._table.get(f"CONNECTION#{connection_id}", "CONNECTION", fresh=True)
        return None if item is None else _connection(item)

    def many(self, connection_ids: Sequence[str]) -> dict[str, Connection]:
        keys = [(f"CONNECTION#{i}", "CONNECTION") for i in connection_ids]
        found = map(_connection, self._table.get_many(keys, fresh=True).values())
        return {c.connection_id: c for c in found}

    def seen(self, connection_id: str, at: int) -> None:
        with suppress(Raced):  # then it is gone
            self._table.update(
                f"CONNECTION#{connection_id}",
                "CONNECTION",
                "SET seen_at = :at",
                values={":at": at},
            )

    def renew(self, connection: Connection) -> None:
        name = _CONN + connection.connection_id
        values = {":end": connection.token_expires_at, ":scopes": list(connection.scopes)}
        limit = " REMOVE requests_per_minute"
        if connection.requests_per_minute is not None:
            limit = ", requests_per_minute = :limit"
            values[":limit"] = connection.requests_per_minute
        self._table.update(
            f"CONNECTION#{connection.connection_id}",
            "CONNECTION",
            "SET token_expires_at = :end, scopes = :scopes" + limit,
            values=values,
        )
        self._table.update(
            f"USER#{connection.user_id}",
            "PRESENCE",
            "SET #conn = :opened",
            condition="attribute_exists(#conn)",
            names={"#conn": name},
            values={":opened": _opened(connection)},
        )

    def remove(self, user_id: str, connection_id: str, at: int) -> None:
        """The presence first: without its own item a connection cannot be told any more."""
        with suppress(Raced):  # then that was known
            self._table.update(
                f"USER#{user_id}",
                "PRESENCE",
                "SET last_seen = :at REMOVE #conn",
                condition="attribute_exists(#conn)",
                names={"#conn": _CONN + connection_id},
                values={":at": at},
            )
        with available("table"):
            self._table.client.delete_item(
                TableName=self._table.name, Key=key(f"CONNECTION#{connection_id}", "CONNECTION")
            )

    def forget(self, user_id: str) -> None:
        self._table.delete(f"USER#{user_id}", "PRESENCE")

    def of_users(self, user_ids: Sequence[str]) -> dict[str, Presence]:
        found = self._table.get_many([(f"USER#{i}", "PRESENCE") for i in user_ids], fresh=True)
        return {pk.removeprefix("USER#"): _presence(item) for (pk, _), item in found.items()}

    def anyone(self, now: int) -> bool:
        return self._until() > now


def _opened(connection: Connection) -> list[int]:
    return [connection.connected_at, connection.token_expires_at]


def _presence(item: Item) -> Presence:
    connections = {
        name.removeprefix(_CONN): Opened(*map(int, value))
        for name, value in item.items()
        if name.startswith(_CONN)
    }
    seen = item.get("last_seen")
    return Presence(connections, None if seen is None else int(seen))


def _item(connection: Connection) -> Item:
    return {
        "pk": f"CONNECTION#{connection.connection_id}",
        "sk": "CONNECTION",
        "user_id": connection.user_id,
        "scopes": list(connection.scopes),
        "connected_at": connection.connected_at,
        "seen_at": connection.seen_at,
        "token_expires_at": connection.token_expires_at,
        "requests_per_minute": connection.requests_per_minute,
        "expires_at": (connection.connected_at + LONGEST_MS + HOUR_MS) // 1000,
    }


def _connection(item: Item) -> Connection:
    limit = item.get("requests_per_minute")
    return Connection(
        connection_id=item["pk"].removeprefix("CONNECTION#"),
        user_id=item["user_id"],
        scopes=tuple(item["scopes"]),
        connected_at=int(item["connected_at"]),
        seen_at=int(item["seen_at"]),
        token_expires_at=int(item["token_expires_at"]),
        requests_per_minute=None if limit is None else int(limit),
    )

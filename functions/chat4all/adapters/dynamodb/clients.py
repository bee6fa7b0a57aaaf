"""Programs that may call the API.

CLIENT#id / CLIENT     GSI1: CLIENTS / time of its registration, 13 digits # id
"""

from __future__ import annotations

import json
from typing import Any

from chat4all.access.client import USER_RATE, Client, ClientSecret
from chat4all.adapters.dynamodb.table import INDEX, Item, Table
from chat4all.errors import Raced
from chat4all.ports.access import ClientPlace

PARTITION = "CLIENTS"


class DynamoClientStore:
    def __init__(self, table: Table) -> None:
        self._table = table

    def add(self, client: Client) -> None:
        if self._table.put_new(_item(client)) is not None:
            raise Raced(f"client {client.client_id}")

    def get(self, client_id: str) -> Client | None:
        item = self._table.get(f"CLIENT#{client_id}", "CLIENT", fresh=True)
        return None if item is None else _client(item)

    def replace(self, client: Client) -> None:
        self._table.put_over(_item(client), client.version - 1)

    def page(self, after: ClientPlace | None, limit: int) -> list[Client]:
        more: dict[str, Any] = {"IndexName": INDEX, "Limit": limit}
        condition, values = "gsi1pk = :pk", {":pk": PARTITION}
        if after is not None:
            condition, values[":after"] = f"{condition} AND gsi1sk > :after", _place(*after)
        keys = []
        for row in self._table.query(condition, values, **more):
            keys.append((row["pk"], row["sk"]))
            if len(keys) == limit:
                break
        found = self._table.get_many(keys, fresh=True)
        return [_client(found[key]) for key in keys if key in found]


def _place(created_at: int, client_id: str) -> str:
    return f"{created_at:013d}#{client_id}"


def _item(client: Client) -> Item:
    secrets = [[s.sha256, s.expires_at] for s in client.secrets]
    return {
        "pk": f"CLIENT#{client.client_id}",
        "sk": "CLIENT",
        "gsi1pk": PARTITION,
        "gsi1sk": _place(client.created_at, client.client_id),
        "secrets": json.dumps(secrets, separators=(",", ":")),
        "name": client.name,
        "scopes": list(client.scopes),
        "requests_per_minute": client.requests_per_minute,
        "user_requests_per_minute": client.user_requests_per_minute,
        "created_at": client.created_at,
        "revoked_at": client.revoked_at,
        "era": client.era,
        "version": client.version,
    }


def _client(item: Item) -> Client:
    """Those of version 0.1 have one secret, and are in the listing once they were changed."""
    secrets = json.loads(item["secrets"]) if "secrets" in item else [[item["secret_sha256"], None]]
    return Client(
        client_id=item["pk"].removeprefix("CLIENT#"),
        name=item["name"],
        scopes=tuple(item["scopes"]),
        created_at=int(item["created_at"]),
        secrets=tuple(ClientSecret(*one) for one in secrets),
        requests_per_minute=_number(item, "requests_per_minute"),
        user_requests_per_minute=_number(item, "user_requests_per_minute") or USER_RATE,
        revoked_at=_number(item, "revoked_at"),
        era=_number(item, "era") or 0,
        version=int(item.get("version", 0)),
    )


def _number(item: Item, name: str) -> int | None:
    return int(item[name]) if name in item else None

"""Programs that may call the API."""

from __future__ import annotations

from chat4all.adapters.dynamodb.table import Table
from chat4all.errors import Raced
from chat4all.ports import Client


class DynamoClientStore:
    def __init__(self, table: Table) -> None:
        self._table = table

    def add(self, client: Client) -> None:
        """Raises Raced if the id is taken."""
        there = self._table.put_new(
            {
                "pk": f"CLIENT#{client.client_id}",
                "sk": "CLIENT",
                "secret_sha256": client.secret_sha256,
                "name": client.name,
                "scopes": list(client.scopes),
                "created_at": client.created_at,
            }
        )
        if there is not None:
            raise Raced(f"client {client.client_id}")

    def get(self, client_id: str) -> Client | None:
        item = self._table.get(f"CLIENT#{client_id}", "CLIENT", fresh=True)
        if item is None:
            return None
        return Client(
            client_id=client_id,
            secret_sha256=item["secret_sha256"],
            name=item["name"],
            scopes=tuple(item["scopes"]),
            created_at=int(item["created_at"]),
        )

"""Files, the conversations they were shared in, and the links that show them.

FILE#id       / FILE               what is known of a file          GSI1: FILES#owner / time#id
FILE#id       / SHARE#conversation its members may fetch it
LINK#sha256   / LINK               a link, by the hash of its token   TTL
"""

from __future__ import annotations

from typing import Any

from chat4all.adapters.dynamodb.table import INDEX, Item, Table
from chat4all.errors import Raced
from chat4all.file import File, FileStatus

_KEYS = frozenset({"pk", "sk", "gsi1pk", "gsi1sk"})


class DynamoFileStore:
    def __init__(self, table: Table) -> None:
        self._table = table

    def add(self, file: File) -> File:
        there = self._table.put_new(_item(file))
        return file if there is None else _file(there)

    def get(self, file_id: str) -> File | None:
        item = self._table.get(f"FILE#{file_id}", "FILE", fresh=True)
        return None if item is None else _file(item)

    def move(self, file: File, status: FileStatus, **facts: Any) -> File:
        known = {name: value for name, value in facts.items() if value is not None}
        new = {"status": str(status), **known}
        item = self._table.update(
            f"FILE#{file.file_id}",
            "FILE",
            "SET " + ", ".join(f"#{name} = :{name}" for name in new),
            condition="#status = :before",
            names={f"#{name}": name for name in new},
            values={":before": str(file.status), **{f":{name}": v for name, v in new.items()}},
        )
        return _file(item)

    def owned(self, user_id: str, after: str | None, limit: int) -> list[tuple[str, str]]:
        rows = self._table.query(
            "gsi1pk = :owner AND gsi1sk > :after",
            {":owner": f"FILES#{user_id}", ":after": after or "0"},
            IndexName=INDEX,
            Limit=limit,
        )
        return [
            (row["gsi1sk"], row["pk"].removeprefix("FILE#"))
            for row, _ in zip(rows, range(limit), strict=False)
        ]

    def share(self, file_id: str, conversation_id: str, at: int) -> None:
        self._table.put_new(
            {"pk": f"FILE#{file_id}", "sk": f"SHARE#{conversation_id}", "shared_at": at}
        )

    def shared_in(self, file_id: str) -> list[str]:
        rows = self._table.query(
            "pk = :file AND begins_with(sk, :share)",
            {":file": f"FILE#{file_id}", ":share": "SHARE#"},
            ConsistentRead=True,
        )
        return [row["sk"].removeprefix("SHARE#") for row in rows]

    def add_link(self, token_sha256: str, file_id: str, expires_at: int) -> None:
        """By INSERT, which connectors may do: none of them can replace an item."""
        link = {"pk": f"LINK#{token_sha256}", "sk": "LINK", "file_id": file_id}
        insert = self._table.insert({**link, "expires_at": expires_at // 1000})
        if self._table.run([insert]) != [None]:
            raise Raced("a link's token is taken")

    def linked(self, token_sha256: str, now: int) -> str | None:
        """TTL removes what has expired within days, not at once: so it is looked at here."""
        item = self._table.get(f"LINK#{token_sha256}", "LINK")
        if item is None or int(item["expires_at"]) * 1000 <= now:
            return None
        return str(item["file_id"])


def _item(file: File) -> Item:
    facts = file.model_dump(exclude={"file_id", "status"}, exclude_none=True)
    item = {"pk": f"FILE#{file.file_id}", "sk": "FILE", "status": str(file.status), **facts}
    if file.owner is not None:
        item["gsi1pk"] = f"FILES#{file.owner}"
        item["gsi1sk"] = f"{file.created_at:013d}#{file.file_id}"
    return item


def _file(item: Item) -> File:
    facts = {name: value for name, value in item.items() if name not in _KEYS}
    return File(file_id=item["pk"].removeprefix("FILE#"), **facts)

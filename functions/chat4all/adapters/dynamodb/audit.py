"""The audit trail, a partition a month.

AUDIT#yyyy-mm / ms#record      a record   TTL 400 days
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import islice

from chat4all.access.audit import AuditRecord, month_of
from chat4all.adapters.dynamodb.table import Item, Table
from chat4all.errors import Raced
from chat4all.ports.audit import Place

LASTS_S = 400 * 86_400
_TEXTS = ("action", "actor", "actor_kind", "target", "address")


class DynamoAuditStore:
    def __init__(self, table: Table) -> None:
        self._table = table

    def add(self, record: AuditRecord) -> None:
        if self._table.put_new(_item(record)) is not None:
            raise Raced(f"audit record {record.record_id}")

    def newest(self, month: str, since: int, before: Place, limit: int) -> Sequence[AuditRecord]:
        """Read strongly: whoever looks for what they just did finds it."""
        if since > before.at:
            return []  # DynamoDB refuses a range that ends before it begins
        first = _sk(before)
        rows = self._table.query(
            "pk = :pk AND sk BETWEEN :from AND :to",
            {":pk": f"AUDIT#{month}", ":from": f"{since:013d}", ":to": first},
            ScanIndexForward=False,
            ConsistentRead=True,
            Limit=limit + 1,  # the place itself may be among them
        )
        return list(islice((_record(row) for row in rows if row["sk"] != first), limit))


def _sk(place: Place) -> str:
    return f"{place.at:013d}#{place.record_id}"


def _item(record: AuditRecord) -> Item:
    return {
        "pk": f"AUDIT#{month_of(record.at)}",
        "sk": _sk(Place(record.at, record.record_id)),
        **record.model_dump(include=set(_TEXTS)),
        "detail": json.dumps(record.detail, separators=(",", ":"), ensure_ascii=False),
        "expires_at": record.at // 1000 + LASTS_S,
    }


def _record(item: Item) -> AuditRecord:
    at, _, record_id = item["sk"].partition("#")
    return AuditRecord(
        record_id=record_id,
        at=int(at),
        detail=json.loads(item["detail"]),
        **{name: item[name] for name in _TEXTS},
    )

"""AuditStore: the trail by months, the newest first, and kept for 400 days."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from chat4all.access.audit import AuditRecord
from chat4all.adapters.dynamodb import DynamoAuditStore, Table
from chat4all.adapters.memory import MemoryAuditStore
from chat4all.errors import Unavailable
from chat4all.ports.audit import AuditStore, Place
from tests.contract.samples import NOW
from tests.contract.worlds import ADAPTERS, Aws, aws_of

pytestmark = pytest.mark.req("RNF-009")
MONTH, NEXT_MONTH = "2025-10", "2025-11"
LATER = 33 * 86_400_000
"""NOW is in October 2025: so much later is November."""
END = Place(10**13 - 1, "")


def a_record(number: int = 1, **other: Any) -> AuditRecord:
    fields: dict[str, Any] = {
        "record_id": f"record-{number:03d}",
        "at": NOW + number,
        "action": "webhook.created",
        "actor": "c4a_shop",
        "actor_kind": "service",
        "target": "w-1",
        "address": "203.0.113.7",
    }
    return AuditRecord(**fields | other)


@pytest.fixture(params=ADAPTERS)
def store(request: pytest.FixtureRequest) -> Iterator[AuditStore]:
    if request.param == "memory":
        yield MemoryAuditStore()
        return
    for aws in aws_of(request):
        yield DynamoAuditStore(aws.table())


def test_records_come_back_as_they_were_written_the_newest_first(store: AuditStore) -> None:
    by_nobody = a_record(
        2, actor="system", actor_kind="system", address="", detail={"ã": [1, 0.5, None, {"x": ""}]}
    )
    store.add(a_record(1))
    store.add(by_nobody)

    assert store.newest(MONTH, 0, END, 10) == [by_nobody, a_record(1)]


def test_each_month_has_its_own(store: AuditStore) -> None:
    october, november = a_record(1), a_record(2, at=NOW + LATER)
    store.add(november)
    store.add(october)

    assert store.newest(MONTH, 0, END, 10) == [october]
    assert store.newest(NEXT_MONTH, 0, END, 10) == [november]
    assert store.newest("2025-12", 0, END, 10) == []


def test_records_of_one_moment_are_held_apart(store: AuditStore) -> None:
    same = [a_record(number, at=NOW) for number in (1, 2, 3)]
    for record in same:
        store.add(record)

    assert store.newest(MONTH, 0, Place(NOW, "record-003"), 10) == [same[1], same[0]]
    assert store.newest(MONTH, 0, Place(NOW, "record-003"), 1) == [same[1]]
    assert store.newest(MONTH, 0, Place(NOW, ""), 10) == []


def test_a_time_to_begin_at_is_among_them(store: AuditStore) -> None:
    for number in (1, 2, 3):
        store.add(a_record(number))

    assert store.newest(MONTH, NOW + 2, END, 10) == [a_record(3), a_record(2)]
    assert store.newest(MONTH, NOW + 2, Place(NOW + 1, ""), 10) == []


def test_rows_expire_after_four_hundred_days(aws: Aws) -> None:
    table = aws.table()

    DynamoAuditStore(table).add(a_record(0))

    [row] = table.query("pk = :pk", {":pk": f"AUDIT#{MONTH}"})
    assert row["expires_at"] == NOW // 1000 + 400 * 86_400


def test_a_table_that_is_not_there_is_unavailable(aws: Aws) -> None:
    store = DynamoAuditStore(Table(aws.client("dynamodb"), "nowhere"))

    with pytest.raises(Unavailable):
        store.add(a_record())
    with pytest.raises(Unavailable):
        store.newest(MONTH, 0, END, 10)

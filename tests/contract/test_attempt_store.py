"""AttemptStore: what came of each attempt, the newest first."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from chat4all.adapters.dynamodb import Table
from chat4all.adapters.dynamodb.endpoints import DynamoAttemptStore
from chat4all.adapters.memory.webhooks import MemoryAttemptStore
from chat4all.errors import Unavailable
from chat4all.ports.webhooks import AttemptKey, AttemptStore
from chat4all.webhooks.endpoint import Attempt
from tests.contract.samples import NOW
from tests.contract.worlds import ADAPTERS, Aws, aws_of

pytestmark = pytest.mark.req("RF-009")


def an_attempt(number: int = 1, **other: Any) -> Attempt:
    fields: dict[str, Any] = {
        "webhook_id": "w-1",
        "event_id": f"event-{number:03d}",
        "event_type": "message.sent",
        "attempt": 1,
        "at": NOW + number,
        "duration_ms": 12,
        "status_code": 200,
    }
    return Attempt(**fields | other)


@pytest.fixture(params=ADAPTERS)
def store(request: pytest.FixtureRequest) -> Iterator[AttemptStore]:
    if request.param == "memory":
        yield MemoryAttemptStore()
        return
    for aws in aws_of(request):
        yield DynamoAttemptStore(aws.table())


def all_pages(store: AttemptStore, limit: int) -> list[Attempt]:
    found: list[Attempt] = []
    before: AttemptKey | None = None
    while True:
        page, before = store.page("w-1", before, limit)
        assert len(page) <= limit
        found += page
        if before is None:
            return found


def test_attempts_come_back_as_they_were_added_the_newest_first(store: AttemptStore) -> None:
    failed = an_attempt(
        2, attempt=3, status_code=None, error="timeout", next_attempt_at=NOW, replay="r-1"
    )

    store.add([an_attempt(1), failed])
    store.add([])

    assert store.page("w-1", None, 10) == ([failed, an_attempt(1)], None)
    assert store.page("another", None, 10) == ([], None)


@pytest.mark.parametrize("limit", [1, 3, 7, 30, 31, 100])
def test_pages_have_all_of_them_once(store: AttemptStore, limit: int) -> None:
    attempts = [an_attempt(number) for number in range(31)]
    store.add(attempts)

    assert all_pages(store, limit) == attempts[::-1]


def test_attempts_of_one_moment_are_held_apart(store: AttemptStore) -> None:
    same = [an_attempt(n, at=NOW, attempt=a) for n in (1, 2) for a in (1, 2)]
    store.add(same)

    assert all_pages(store, 1) == same[::-1]


def test_what_is_added_meanwhile_does_not_shift_a_page(store: AttemptStore) -> None:
    store.add([an_attempt(number) for number in (1, 2, 3)])
    first, before = store.page("w-1", None, 2)

    store.add([an_attempt(4)])

    assert first == [an_attempt(3), an_attempt(2)]
    assert store.page("w-1", before, 2) == ([an_attempt(1)], None)


def test_an_attempt_that_is_added_twice_is_there_once(store: AttemptStore) -> None:
    store.add([an_attempt(1)])
    store.add([an_attempt(1), an_attempt(2)])

    assert all_pages(store, 10) == [an_attempt(2), an_attempt(1)]


def test_rows_expire_after_thirty_days(aws: Aws) -> None:
    table = aws.table()

    DynamoAttemptStore(table).add([an_attempt(0)])

    [row] = table.query("pk = :pk", {":pk": "WEBHOOK#w-1"})
    assert row["expires_at"] == NOW // 1000 + 30 * 86_400


def test_a_table_that_is_not_there_is_unavailable(aws: Aws) -> None:
    store = DynamoAttemptStore(Table(aws.client("dynamodb"), "nowhere"))

    with pytest.raises(Unavailable):
        store.add([an_attempt()])
    with pytest.raises(Unavailable):
        store.page("w-1", None, 10)

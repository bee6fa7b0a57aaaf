"""RefreshStore: one use of a token wins, and what was ended stays so."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from chat4all.access.refresh_family import IDLE_MS, LONGEST_MS, Family
from chat4all.adapters.dynamodb import DynamoRefreshStore, Table
from chat4all.adapters.memory import MemoryRefreshStore
from chat4all.errors import Raced, Unavailable
from chat4all.ports import RefreshStore
from tests.contract.samples import NOW
from tests.contract.worlds import ADAPTERS, Aws, aws_of

pytestmark = pytest.mark.req("RNF-009")
FAMILY = Family("f1", "bo", "c4a_1", ("users", "files"), 600, "a" * 64, NOW, NOW)


@pytest.fixture(params=ADAPTERS)
def store(request: pytest.FixtureRequest) -> Iterator[RefreshStore]:
    if request.param == "memory":
        yield MemoryRefreshStore()
        return
    for aws in aws_of(request):
        yield DynamoRefreshStore(aws.table())


def used(family: Family) -> Family:
    return replace(
        family, used_sha256=family.secret_sha256, secret_sha256="b" * 64, era=2, version=2
    )


@pytest.mark.parametrize("family", [FAMILY, used(FAMILY)], ids=["new", "used"])
def test_a_family_comes_back_as_it_was_added(store: RefreshStore, family: Family) -> None:
    store.add(family)

    assert store.get("f1") == family
    assert store.get("f2") is None


def test_of_two_uses_of_the_same_token_the_second_is_refused(store: RefreshStore) -> None:
    store.add(FAMILY)
    store.replace(used(FAMILY))

    with pytest.raises(Raced):
        store.replace(replace(used(FAMILY), secret_sha256="c" * 64))

    assert store.get("f1") == used(FAMILY)


def test_of_those_who_use_it_at_once_one_succeeds(
    store: RefreshStore, request: pytest.FixtureRequest
) -> None:
    if "moto" in request.node.name:
        pytest.skip("moto is not thread-safe")
    store.add(FAMILY)

    def use(number: int) -> bool:
        try:
            store.replace(replace(used(FAMILY), secret_sha256=str(number) * 64))
        except Raced:
            return False
        return True

    with ThreadPoolExecutor(5) as pool:
        won = list(pool.map(use, range(5)))

    assert won.count(True) == 1


def test_what_was_ended_is_gone_and_cannot_be_used(store: RefreshStore) -> None:
    store.add(FAMILY)

    store.end("f1")
    store.end("f1")

    assert store.get("f1") is None
    with pytest.raises(Raced):
        store.replace(used(FAMILY))
    assert store.get("f1") is None


def test_the_end_of_all_only_moves_on(store: RefreshStore) -> None:
    assert store.ended_at("bo") == 0

    store.end_all("bo", NOW)
    store.end_all("bo", NOW - 1)

    assert (store.ended_at("bo"), store.ended_at("ana")) == (NOW, 0)


def test_the_table_forgets_what_cannot_be_used_any_more(aws: Aws) -> None:
    table = aws.table()
    store = DynamoRefreshStore(table)

    store.add(FAMILY)
    store.end_all("bo", NOW)

    family, end = table.get("REFRESH#f1", "REFRESH"), table.get("USER#bo", "REFRESH")
    assert family is not None and family["expires_at"] == (NOW + IDLE_MS) // 1000
    assert end is not None and end["expires_at"] > (NOW + LONGEST_MS) // 1000


def test_a_table_that_is_not_there_is_unavailable(aws: Aws) -> None:
    store = DynamoRefreshStore(Table(aws.client("dynamodb"), "nowhere"))

    for call in (
        lambda: store.add(FAMILY),
        lambda: store.get("x"),
        lambda: store.replace(FAMILY),
        lambda: store.end("x"),
        lambda: store.end_all("bo", NOW),
        lambda: store.ended_at("bo"),
    ):
        with pytest.raises(Unavailable):
            call()

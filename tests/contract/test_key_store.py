"""KeyStore: whoever asks first makes the key, and all get the same one."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import pytest

from chat4all.adapters.dynamodb import DynamoKeyStore, Table
from chat4all.adapters.memory import MemoryKeyStore
from chat4all.errors import Unavailable
from chat4all.ports.keys import KeyStore
from tests.contract.worlds import ADAPTERS, Aws, aws_of

pytestmark = pytest.mark.req("RNF-009")


class Kept(NamedTuple):
    adapter: str
    keys: KeyStore


@pytest.fixture(params=ADAPTERS)
def kept(request: pytest.FixtureRequest) -> Iterator[Kept]:
    if request.param == "memory":
        yield Kept("memory", MemoryKeyStore())
        return
    for aws in aws_of(request):
        yield Kept(request.param, DynamoKeyStore(aws.table()))


def test_the_first_one_makes_it_and_the_others_get_it(kept: Kept) -> None:
    first = kept.keys.agreed("cursors", lambda: b"\x00first\xff")

    assert first == b"\x00first\xff"
    assert kept.keys.agreed("cursors", lambda: b"second") == first
    assert kept.keys.agreed("another", lambda: b"another") == b"another"


def test_all_who_ask_at_once_get_the_same_one(kept: Kept) -> None:
    made = [b"%d" % number for number in range(8)]
    workers = 1 if kept.adapter == "moto" else len(made)

    with ThreadPoolExecutor(workers) as pool:
        got = set(pool.map(lambda key: kept.keys.agreed("cursors", lambda: key), made))

    assert len(got) == 1
    assert got <= set(made)


def test_a_key_that_another_made_meanwhile_is_taken(aws: Aws) -> None:
    table = aws.table()

    def slow() -> bytes:
        DynamoKeyStore(table).agreed("cursors", lambda: b"faster")
        return b"slower"

    assert DynamoKeyStore(table).agreed("cursors", slow) == b"faster"


def test_without_a_table_there_is_no_key(aws: Aws) -> None:
    keys = DynamoKeyStore(Table(aws.client("dynamodb"), "nowhere"))

    with pytest.raises(Unavailable):
        keys.agreed("cursors", lambda: b"mine")

"""The emulator's streams: what a PartiQL statement changes is in them too."""

from types import SimpleNamespace
from typing import Any

import pytest

from infra.local.emulator_partiql import stream_statements

NEW, OLD = {"pk": {"S": "a"}, "n": {"N": "2"}}, {"pk": {"S": "a"}, "n": {"N": "1"}}


def an_emulator(old: Any, fails: bool = False) -> tuple[SimpleNamespace, list[Any]]:
    """Tables with one item, and the stream records of what is done to it."""
    told: list[Any] = []

    def put(table: Any, parsed: dict[str, Any], *_: Any) -> str:
        if fails:
            raise ValueError("no such path")
        tables._set_item(table, "a", "b", NEW)
        return "done"

    def delete(table: Any, parsed: dict[str, Any], *_: Any) -> str:
        tables._remove_item(table, "a", "b")
        return "done"

    tables = SimpleNamespace(
        _set_item=lambda *_: old,
        _remove_item=lambda *_: old,
        _partiql_insert=put,
        _partiql_update=put,
        _partiql_delete=delete,
        _emit_stream_event=lambda *change: told.append(change),
    )
    stream_statements(tables)
    return tables, told


@pytest.mark.parametrize(
    ("statement", "old", "change"),
    [
        ("insert", None, ("t", "INSERT", None, NEW)),
        ("update", OLD, ("t", "MODIFY", OLD, NEW)),
        ("delete", OLD, ("t", "REMOVE", OLD, None)),
    ],
)
def test_a_statement_writes_a_record_of_what_it_changed(
    statement: str, old: Any, change: tuple[Any, ...]
) -> None:
    tables, told = an_emulator(old)

    assert getattr(tables, f"_partiql_{statement}")({}, {"table": "t"}) == "done"

    assert told == [change]


def test_deleting_what_is_not_there_writes_none() -> None:
    tables, told = an_emulator(None)

    tables._partiql_delete({}, {"table": "t"})

    assert told == []


def test_other_calls_write_their_own() -> None:
    tables, told = an_emulator(OLD, fails=True)
    with pytest.raises(ValueError, match="no such path"):
        tables._partiql_update({}, {"table": "t"})

    tables._set_item({}, "a", "b", NEW)
    tables._remove_item({}, "a", "b")

    assert told == []

"""The emulator's shortcuts: what it answers is what it answered before."""

import asyncio
import copy
import json
from types import SimpleNamespace
from typing import Any

import pytest
from ministack.core import iam_evaluator
from ministack.services import _dynamodb_keywords

from infra.local.emulator_speed import (
    keep_principals,
    keep_statements,
    leave_out_cors,
    pass_empty_queues,
    plain_copy,
    read_bodies_once,
)

INSERT = "INSERT INTO \"t\" VALUE {'pk': ?, 'n': ?, 'm': {'deep': ?}}"
UPDATE = 'UPDATE "t" SET "a" = ? SET "b" = ? WHERE pk = ? AND sk = ? AND "a" IS MISSING'
STATEMENTS: list[tuple[str, list[Any]]] = [
    (INSERT, [{"S": "one"}, {"N": "1"}, {"S": "x"}]),
    (INSERT, [{"S": "two"}, {"N": "2"}, {"S": "y"}]),
    (INSERT, [{"S": "three"}, {"S": "2"}, {"M": {"of": {"S": "it"}}}]),
    (UPDATE, [{"N": "5"}, {"S": "b"}, {"S": "k"}, {"S": "s"}]),
    (UPDATE, [{"N": "6"}, {"S": "c"}, {"S": "l"}, {"S": "s"}]),
    ('SELECT * FROM "t" WHERE pk = ?', [{"S": "k"}]),
    ('SELECT * FROM "t" WHERE pk = ?', [{"S": "l"}]),
    ("DELETE FROM \"t\" WHERE pk = ? AND sk = 's'", [{"S": "k"}]),
]


def test_a_statement_that_was_read_before_reads_the_same() -> None:
    tables = SimpleNamespace(parse_partiql_statement=_dynamodb_keywords.parse_statement)
    keep_statements(tables)

    for text, parameters in [*STATEMENTS, *STATEMENTS]:
        read = tables.parse_partiql_statement(text, copy.deepcopy(parameters))

        assert read == _dynamodb_keywords.parse_statement(text, parameters)


def test_what_is_done_with_one_statement_does_not_reach_the_next() -> None:
    tables = SimpleNamespace(parse_partiql_statement=_dynamodb_keywords.parse_statement)
    keep_statements(tables)
    tables.parse_partiql_statement(*STATEMENTS[0])

    tables.parse_partiql_statement(*STATEMENTS[1])["item"]["m"]["M"]["more"] = {"S": "no"}

    again = tables.parse_partiql_statement(*STATEMENTS[1])
    assert again == _dynamodb_keywords.parse_statement(*STATEMENTS[1])


@pytest.mark.parametrize("parameters", [[], [{"S": "one"}], [{"S": "one"}, {"N": "1"}]])
def test_too_few_parameters_are_refused_each_time(parameters: list[Any]) -> None:
    tables = SimpleNamespace(parse_partiql_statement=_dynamodb_keywords.parse_statement)
    keep_statements(tables)
    tables.parse_partiql_statement(*STATEMENTS[0])

    for _ in range(2):
        with pytest.raises(_dynamodb_keywords.PartiqlError):
            tables.parse_partiql_statement(INSERT, parameters)


def test_a_copy_is_equal_and_shares_nothing_that_changes() -> None:
    item = {"a": {"L": [{"S": "x"}, {"M": {"b": {"BOOL": True}}}]}, "set": {1, 2}}

    copied = plain_copy(item)
    copied["a"]["L"][1]["M"]["b"]["BOOL"] = False
    copied["set"].add(3)

    assert item == {"a": {"L": [{"S": "x"}, {"M": {"b": {"BOOL": True}}}]}, "set": {1, 2}}


def test_who_has_a_key_is_asked_once_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    refusal = iam_evaluator.AuthError("UnrecognizedClientException", "nobody")

    def resolve(key: str, account: str, credential: Any = None) -> Any:
        asked.append(key)
        if key == "unknown":
            return refusal
        return iam_evaluator.PrincipalInfo(arn=key, type="Root", account=account, policies=None)

    evaluator = SimpleNamespace(
        resolve_principal=resolve, PrincipalInfo=iam_evaluator.PrincipalInfo
    )
    keep_principals(evaluator)
    now = 100.0
    monkeypatch.setattr("infra.local.emulator_speed.time.monotonic", lambda: now)
    first = evaluator.resolve_principal("key", "1")
    evaluator.resolve_principal("unknown", "1")

    assert evaluator.resolve_principal("key", "1") is first
    assert evaluator.resolve_principal("unknown", "1") is refusal
    now += 1.1
    evaluator.resolve_principal("key", "1")
    assert asked == ["key", "unknown", "unknown", "key"]


def test_each_body_is_read_for_itself() -> None:
    actions = SimpleNamespace(json=json)
    read_bodies_once(actions)
    one, other = b'{"a": 1}', b'{"a": 2}'

    assert [actions.json.loads(body) for body in (one, one, other, one)] == [
        {"a": 1},
        {"a": 1},
        {"a": 2},
        {"a": 1},
    ]
    with pytest.raises(json.JSONDecodeError):
        actions.json.loads(b"{")


def test_a_queue_without_messages_is_passed() -> None:
    looked: list[str] = []
    queues = SimpleNamespace(
        _queues={"full": {"messages": ["m"]}, "empty": {"messages": []}},
        _receive_messages_for_esm=lambda url, most: looked.append(url) or ["m"],
    )
    pass_empty_queues(queues)

    found = [queues._receive_messages_for_esm(url, 10) for url in ("full", "empty", "gone")]

    assert found == [["m"], [], []]
    assert looked == ["full"]


def test_headers_for_browsers_are_for_browsers() -> None:
    async def dispatch(*_: Any) -> Any:
        return 200, {"Access-Control-Allow-Origin": "*", "x-amzn-requestid": "1"}, b""

    application = SimpleNamespace(_dispatch_service_request=dispatch)
    leave_out_cors(application)

    def ask(**headers: str) -> Any:
        return asyncio.run(application._dispatch_service_request("GET", "/", headers, b"", {}, "1"))

    assert list(ask()[1]) == ["x-amzn-requestid"]
    assert "Access-Control-Allow-Origin" in ask(origin="https://app.example")[1]

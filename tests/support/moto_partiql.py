"""A shim for a limit of moto: its PartiQL parser refuses `?` in an INSERT and knows no functions
in a WHERE. Everything else that moto does is left to moto.

It runs the statement shapes of `chat4all.adapters.dynamodb.table.Table` (insert, set, set_once)
and no others, on moto's own put_item and update_item, with DynamoDB's semantics: one outcome per
statement, `DuplicateItem` for an INSERT whose key exists, `ConditionalCheckFailed` for an UPDATE
whose item is missing or whose condition fails. That DynamoDB takes these statements as they are
written is not proved by it: the contract suite's emulator runs them through a parser of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from moto.dynamodb.exceptions import ConditionalCheckFailed, ResourceNotFoundException
from moto.dynamodb.models import DynamoDBBackend

Wire = dict[str, Any]

_INSERT = re.compile(r"INSERT INTO \"([^\"]+)\" VALUE \{('[^']+': \?(?:, '[^']+': \?)*)\}")
_UPDATE = re.compile(
    r"UPDATE \"([^\"]+)\" (SET \"[^\"]+\" = \?(?: SET \"[^\"]+\" = \?)*)"
    r" WHERE pk = \? AND sk = \?"
    r"((?: AND \"[^\"]+\" IS MISSING)*)"
)


@contextmanager
def moto_runs_our_partiql() -> Iterator[None]:
    """Enter it together with `moto.mock_aws()`; the order does not matter."""
    with patch.object(DynamoDBBackend, "batch_execute_statement", _run_all):
        yield


def key_of(text: str, parameters: list[Wire]) -> tuple[str, Wire]:
    """The table and the key that a statement of ours writes."""
    if found := _INSERT.fullmatch(text):
        names = re.findall(r"'([^']+)': \?", found[2])
        item = dict(zip(names, parameters, strict=True))
        return found[1], {"pk": item["pk"], "sk": item["sk"]}
    if found := _UPDATE.fullmatch(text):
        return found[1], {"pk": parameters[-2], "sk": parameters[-1]}
    raise NotImplementedError(f"not a statement of ours: {text}")


def _run_all(backend: DynamoDBBackend, statements: list[Wire]) -> list[Wire]:
    return [_run(backend, s["Statement"], s.get("Parameters", [])) for s in statements]


def _run(backend: DynamoDBBackend, text: str, parameters: list[Wire]) -> Wire:
    try:
        if found := _INSERT.fullmatch(text):
            return _insert(backend, found, parameters)
        if found := _UPDATE.fullmatch(text):
            return _update(backend, found, parameters)
    except ResourceNotFoundException:
        return _error("ResourceNotFound", "Requested resource not found")
    raise NotImplementedError(f"not a statement of ours: {text}")


def _insert(backend: DynamoDBBackend, found: re.Match[str], parameters: list[Wire]) -> Wire:
    names = re.findall(r"'([^']+)': \?", found[2])
    item = dict(zip(names, parameters, strict=True))
    try:
        backend.put_item(found[1], item, condition_expression="attribute_not_exists(pk)")
    except ConditionalCheckFailed:
        return _error("DuplicateItem", "Duplicate primary key exists in table")
    return {"TableName": found[1]}


def _update(backend: DynamoDBBackend, found: re.Match[str], parameters: list[Wire]) -> Wire:
    names = re.findall(r"SET \"([^\"]+)\" = \?", found[2])
    *values, pk, sk = parameters
    placeholders = {f"#n{i}": name for i, name in enumerate(names)}
    condition = "attribute_exists(pk)"
    for i, missing in enumerate(re.findall(r"\"([^\"]+)\" IS MISSING", found[3])):
        placeholders[f"#m{i}"] = missing
        condition += f" AND attribute_not_exists(#m{i})"
    try:
        backend.update_item(
            found[1],
            {"pk": pk, "sk": sk},
            "SET " + ", ".join(f"#n{i} = :v{i}" for i in range(len(names))),
            placeholders,
            {f":v{i}": value for i, value in enumerate(values)},
            condition_expression=condition,
        )
    except ConditionalCheckFailed:
        return _error("ConditionalCheckFailed", "The conditional request failed")
    return {"TableName": found[1]}


def _error(code: str, message: str) -> Wire:
    return {"Error": {"Code": code, "Message": message}}

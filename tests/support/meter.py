"""Counts what AWS would charge for: calls, DynamoDB's units, and the changes of the table.

It listens to botocore's events on the clients that it is given, and reads items beside them, so it
measures the statements that really ran. DynamoDB's rules (docs.aws.amazon.com/amazondynamodb,
"Capacity units" and "Item sizes"):

* a write costs a unit per started KB of the item before or after, whichever is larger;
  a failed condition costs as much; in a transaction everything costs twice
* an index entry that comes or goes costs a write of its own, one that changes its keys two;
  in a transaction they are counted twice here, which errs on the expensive side
* a strongly consistent read costs a unit per started 4 KB, an eventually consistent one half,
  also when there is no such item
"""

from __future__ import annotations

import math
from collections import Counter
from typing import Any, NamedTuple

from tests.support.moto_partiql import key_of

Wire = dict[str, Any]


class Change(NamedTuple):
    """One item before and after, as the table's stream has it."""

    old: Wire | None
    new: Wire | None


class Meter:
    def __init__(self, dynamodb: Any) -> None:
        """`dynamodb` is a client of its own, which nobody meters."""
        self._dynamodb = dynamodb
        self.reset()

    def reset(self) -> None:
        self.calls: Counter[str] = Counter()
        self.write_units = 0.0
        self.read_units = 0.0
        self.changes: list[Change] = []

    def attach(self, client: Any) -> Any:
        service = client.meta.service_model.service_name
        client.meta.events.register(f"before-parameter-build.{service}", self._before)
        client.meta.events.register(f"after-call.{service}", self._after)
        return client

    def _before(self, params: Wire, model: Any, context: Wire, **_: Any) -> None:
        keys = _written(model.name, params)
        context["asked"] = params
        context["images"] = [(table, key, self._read(table, key)) for table, key in keys]

    def _after(self, parsed: Wire, model: Any, context: Wire, **_: Any) -> None:
        self.calls[f"{model.service_model.service_name}.{model.name}"] += 1
        times = 2 if model.name == "TransactWriteItems" else 1
        for table, key, old in context["images"]:
            new = self._read(table, key)
            self.write_units += times * (_item_units(old, new) + _index_units(old, new))
            if old != new:
                self.changes.append(Change(old, new))
        self.read_units += _read_units(model.name, context["asked"], parsed)

    def _read(self, table: str, key: Wire) -> Wire | None:
        answer = self._dynamodb.get_item(TableName=table, Key=key, ConsistentRead=True)
        item: Wire | None = answer.get("Item")
        return item


def _written(operation: str, params: Wire) -> list[tuple[str, Wire]]:
    """Table and key of every item that a call writes."""
    if operation == "PutItem":
        return [(params["TableName"], _key(params["Item"]))]
    if operation in ("UpdateItem", "DeleteItem"):
        return [(params["TableName"], params["Key"])]
    if operation == "TransactWriteItems":
        actions = [next(iter(action.values())) for action in params["TransactItems"]]
        return [(a["TableName"], a.get("Key") or _key(a["Item"])) for a in actions]
    if operation == "BatchExecuteStatement":
        return [key_of(s["Statement"], s["Parameters"]) for s in params["Statements"]]
    return []


def _key(item: Wire) -> Wire:
    return {"pk": item["pk"], "sk": item["sk"]}


def _item_units(old: Wire | None, new: Wire | None) -> int:
    return max(1, *(math.ceil(item_size(item) / 1024) for item in (old, new) if item), 1)


def _index_units(old: Wire | None, new: Wire | None) -> int:
    """KEYS_ONLY: an entry is its keys, always under a KB."""
    before, after = (
        tuple(str(item.get(name)) for name in ("gsi1pk", "gsi1sk"))
        if item and "gsi1pk" in item
        else None
        for item in (old, new)
    )
    return 0 if before == after else (before is not None) + (after is not None)


def _read_units(operation: str, asked: Wire, answer: Wire) -> float:
    if operation == "GetItem":
        return _units_read([answer.get("Item", {})], asked.get("ConsistentRead", False))
    if operation == "BatchGetItem":
        total = 0.0
        for table, wanted in asked["RequestItems"].items():
            found = answer["Responses"].get(table, [])
            missing: list[Wire] = [{}] * (len(wanted["Keys"]) - len(found))
            total += _units_read([*found, *missing], wanted.get("ConsistentRead", False))
        return total
    if operation == "Query":
        size = sum(map(item_size, answer.get("Items", [])))
        return max(1, math.ceil(size / 4096)) * (1 if asked.get("ConsistentRead") else 0.5)
    return 0.0


def _units_read(items: list[Wire], strong: bool) -> float:
    units = sum(max(1, math.ceil(item_size(item) / 4096)) for item in items)
    return units * (1 if strong else 0.5)


def item_size(item: Wire) -> int:
    """Bytes of an item in DynamoDB's own format: names in UTF-8, and values."""
    return sum(len(name.encode()) + _value_size(value) for name, value in item.items())


def _value_size(value: Wire) -> int:
    [(kind, content)] = value.items()
    match kind:
        case "S":
            return len(content.encode())
        case "N":  # a byte per two significant digits, and one more
            digits = content.lstrip("-").replace(".", "").strip("0")
            return math.ceil(len(digits) / 2) + 1 + content.startswith("-")
        case "B":
            return len(content)
        case "L":
            return 3 + sum(1 + _value_size(element) for element in content)
        case "M":
            return 3 + sum(1 + len(k.encode()) + _value_size(v) for k, v in content.items())
        case "SS":
            return sum(len(element.encode()) for element in content)
        case _:
            return 1

"""The one table: plain dicts in, plain dicts out, and the few operations that the stores share."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, NamedTuple

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.exceptions import ClientError

from chat4all.adapters.aws import available, error_code
from chat4all.errors import Raced, Unavailable

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import KeysAndAttributesTypeDef

Item = dict[str, Any]
Key = tuple[str, str]
"""Partition key and sort key."""

INDEX = "GSI1"
GET_AT_ONCE = 100
CALLS_AT_ONCE = 4
RUN_AT_ONCE = 25
_serialize = TypeSerializer().serialize
_deserialize = TypeDeserializer().deserialize


def to_wire(item: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _to_wire(value) for name, value in item.items() if value is not None}


def from_wire(item: Mapping[str, Any]) -> Item:
    # most of what there is is text, for which boto3 goes through all the types there are
    return {
        name: value["S"] if "S" in value else _deserialize(value) for name, value in item.items()
    }


def _to_wire(value: Any) -> Any:
    return {"S": value} if type(value) is str else _serialize(value)


def key(pk: str, sk: str) -> dict[str, Any]:
    return {"pk": {"S": pk}, "sk": {"S": sk}}


class Statement(NamedTuple):
    """One PartiQL statement; its values travel as parameters, never inside the text."""

    text: str
    values: Sequence[Any]


class Table:
    def __init__(self, client: DynamoDBClient, name: str) -> None:
        self.client = client
        self.name = name

    def get(self, pk: str, sk: str, *, fresh: bool = False) -> Item | None:
        with available("table"):
            found = self.client.get_item(
                TableName=self.name, Key=key(pk, sk), ConsistentRead=fresh
            ).get("Item")
        return None if found is None else from_wire(found)

    def get_many(
        self, keys: Iterable[Key], *, fresh: bool = False, only: str | None = None
    ) -> dict[Key, Item]:
        """Those that exist. A hundred a call, a few calls side by side.

        `only` names the attributes that are wanted, pk among them: botocore takes its time for
        each. Without sk, the keys of what is found have it empty.
        """
        wanted = [key(*k) for k in dict.fromkeys(keys)]
        calls = [wanted[i : i + GET_AT_ONCE] for i in range(0, len(wanted), GET_AT_ONCE)]
        options: KeysAndAttributesTypeDef = {"Keys": [], "ConsistentRead": fresh}
        if only:
            options["ProjectionExpression"] = only
        if len(calls) < 2:
            return self._get_all(calls[0], options) if calls else {}
        found: dict[Key, Item] = {}
        with ThreadPoolExecutor(min(len(calls), CALLS_AT_ONCE)) as pool:
            for part in pool.map(lambda call: self._get_all(call, options), calls):
                found |= part
        return found

    def _get_all(
        self, left: list[dict[str, Any]], options: KeysAndAttributesTypeDef
    ) -> dict[Key, Item]:
        """Up to a hundred keys; what the table leaves over is asked for again."""
        found: dict[Key, Item] = {}
        pause = 0.02
        while left:
            with available("table"):
                answer = self.client.batch_get_item(
                    RequestItems={self.name: {**options, "Keys": left}}
                )
            for wire in answer.get("Responses", {}).get(self.name, []):
                item = from_wire(wire)
                found[item["pk"], item.get("sk", "")] = item
            left = answer.get("UnprocessedKeys", {}).get(self.name, {"Keys": []})["Keys"]
            if left:
                if pause > 1:
                    raise Unavailable("table: throttled")
                time.sleep(pause)
                pause *= 2
        return found

    def put_new(self, item: Item) -> Item | None:
        """Store it unless its key is taken; None for stored, else what is there. One call."""
        try:
            with available("table"):
                self.client.put_item(
                    TableName=self.name,
                    Item=to_wire(item),
                    ConditionExpression="attribute_not_exists(pk)",
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                )
        except Unavailable as error:
            cause = error.__cause__
            if isinstance(cause, ClientError) and _condition_failed(cause):
                return from_wire(cause.response["Item"])
            raise
        return None

    def put_over(self, item: Item, version: int) -> None:
        """Store it over the one of this version; 0 is one from before there were versions.

        Raises:
            Raced: that is not there any more.
        """
        known: dict[str, Any] = {
            "ConditionExpression": "attribute_exists(pk) AND attribute_not_exists(#version)"
        }
        if version:
            known["ConditionExpression"] = "#version = :version"
            known["ExpressionAttributeValues"] = to_wire({":version": version})
        try:
            with available("table"):
                self.client.put_item(
                    TableName=self.name,
                    Item=to_wire(item),
                    ExpressionAttributeNames={"#version": "version"},
                    **known,
                )
        except Unavailable as error:
            if isinstance(error.__cause__, ClientError) and _condition_failed(error.__cause__):
                raise Raced(f"{item['pk']}/{item['sk']}") from error
            raise

    def update(
        self,
        pk: str,
        sk: str,
        expression: str,
        *,
        condition: str | None = "attribute_exists(pk)",
        names: Mapping[str, str] | None = None,
        values: Mapping[str, Any] | None = None,
    ) -> Item:
        """Update one item; all of it as it is then. Raises Raced if the condition fails."""
        more: dict[str, Any] = {}
        if condition:
            more["ConditionExpression"] = condition
        if names:
            more["ExpressionAttributeNames"] = dict(names)
        if values:
            more["ExpressionAttributeValues"] = to_wire(values)
        try:
            with available("table"):
                answer = self.client.update_item(
                    TableName=self.name,
                    Key=key(pk, sk),
                    UpdateExpression=expression,
                    ReturnValues="ALL_NEW",
                    **more,
                )
        except Unavailable as error:
            if isinstance(error.__cause__, ClientError) and _condition_failed(error.__cause__):
                raise Raced(f"{pk}/{sk}") from error
            raise
        return from_wire(answer["Attributes"])

    def delete(self, pk: str, sk: str) -> None:
        """One that is gone already is fine."""
        with available("table"):
            self.client.delete_item(TableName=self.name, Key=key(pk, sk))

    def run(self, statements: Sequence[Statement]) -> list[str | None]:
        """Run statements, 25 a call, each with an outcome of its own: None, or the error's code.

        `DuplicateItem` and `ConditionalCheckFailed` are answers; anything else
        that persists raises Unavailable.
        """
        outcomes: list[str | None] = []
        for start in range(0, len(statements), RUN_AT_ONCE):
            outcomes += self._run(statements[start : start + RUN_AT_ONCE])
        return outcomes

    def _run(self, statements: Sequence[Statement]) -> list[str | None]:
        outcomes: list[str | None] = [None] * len(statements)
        waiting = list(range(len(statements)))
        for pause in (0.05, 0.2, 0.8, None):
            with available("table"):
                answer = self.client.batch_execute_statement(
                    Statements=[
                        {
                            "Statement": statements[i].text,
                            "Parameters": [_to_wire(v) for v in statements[i].values],
                        }
                        for i in waiting
                    ]
                )
            again = []
            for i, response in zip(waiting, answer["Responses"], strict=True):
                code = response.get("Error", {}).get("Code")
                outcomes[i] = code
                if code not in (None, "DuplicateItem", "ConditionalCheckFailed"):
                    again.append(i)
            if not again:
                return outcomes
            if pause is not None:
                time.sleep(pause)
            waiting = again
        raise Unavailable(f"table: {outcomes[waiting[0]]}")

    def insert(self, item: Item) -> Statement:
        """An INSERT fails alone when the key exists: a conditional put, in bulk."""
        present = {name: value for name, value in item.items() if value is not None}
        fields = ", ".join(f"'{name}': ?" for name in present)
        return Statement(f'INSERT INTO "{self.name}" VALUE {{{fields}}}', list(present.values()))

    def set(self, pk: str, sk: str, values: Item) -> Statement:
        """Set attributes of an existing item: an UPDATE in PartiQL never creates one."""
        sets = " ".join(f'SET "{name}" = ?' for name in values)
        return Statement(
            f'UPDATE "{self.name}" {sets} WHERE pk = ? AND sk = ?',
            [*values.values(), pk, sk],
        )

    def set_once(self, pk: str, sk: str, once: Sequence[str], values: Item) -> Statement:
        """The same, unless any of `once`, some of the attributes, is there."""
        text, parameters = self.set(pk, sk, values)
        return Statement(text + "".join(f' AND "{name}" IS MISSING' for name in once), parameters)

    def transact(self, actions: Sequence[Mapping[str, Any]]) -> None:
        """All or none. Raises Raced if a condition failed or another transaction was in the way."""
        try:
            with available("table"):
                self.client.transact_write_items(TransactItems=actions)  # type: ignore[arg-type]
        except Unavailable as error:
            cause = error.__cause__
            if isinstance(cause, ClientError) and error_code(cause) in (
                "TransactionCanceledException",
                "TransactionConflictException",
            ):
                raise Raced(str(cause)) from error
            raise

    def query(self, condition: str, values: Mapping[str, Any], **more: Any) -> Iterator[Item]:
        """All items that match, page by page, as the caller takes them."""
        request = {
            "TableName": self.name,
            "KeyConditionExpression": condition,
            "ExpressionAttributeValues": to_wire(values),
            **more,
        }
        while True:
            with available("table"):
                answer = self.client.query(**request)
            yield from map(from_wire, answer["Items"])
            if "LastEvaluatedKey" not in answer:
                return
            request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]


def _condition_failed(error: ClientError) -> bool:
    return error_code(error) == "ConditionalCheckFailedException"

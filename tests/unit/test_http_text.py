"""Nothing that is no text, and no number, gets into what is stored: every field that a request has
is tried, so that one that is added is tried too."""

import json
import math
from collections.abc import Iterator
from typing import Any

import pytest

from chat4all.conversation import NewConversation
from chat4all.errors import Invalid
from chat4all.message import NewMessage, TemplatePayload
from chat4all.realtime.frames import frame_of
from http_api.handler import lambda_handler
from tests.builders import an_id
from tests.cloud import Answer, Cloud, assert_problem, cloud, request

pytestmark = pytest.mark.req("RF-008")
HALF = "\ud800"
FREE = "anything"
"""A key of an object whose keys are the client's."""
NOT_STORED = {
    "body.parts.0.ETag": "Uppy sends it; the store is asked for its own",
    "body.grant_type": "compared",
}

BATCH = "/v1/messages/batch"
"""Its messages are those of /v1/messages, and it tells the first error of each alone."""
Leaf = tuple[tuple[str | int, ...], str]
"""Where it is, and its type."""


def document() -> dict[str, Any]:
    found: dict[str, Any] = request(lambda_handler, "GET", "/openapi.json").json
    return found


DOCUMENT = document()


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in schema:
        return schema
    found: Any = DOCUMENT
    for name in schema["$ref"].removeprefix("#/").split("/"):
        found = found[name]
    return resolved(found)


def examples(schema: dict[str, Any]) -> Iterator[tuple[Any, list[Leaf]]]:
    """Values with every field, one for each kind that there may be; and where their leaves are."""
    schema = resolved(schema)
    kinds = schema.get("oneOf") or schema.get("anyOf")
    if kinds:
        for kind in kinds:
            yield from examples(kind)
    elif "const" in schema or "enum" in schema:
        yield schema.get("const") or schema["enum"][0], []
    elif "properties" in schema:
        yield from objects(schema["properties"])
    elif schema.get("type") == "object" and schema.get("additionalProperties"):
        for value, leaves in examples(schema["additionalProperties"]):
            yield {FREE: value}, [((FREE, *where), kind) for where, kind in leaves]
        yield {FREE: 1}, [((FREE,), "key")]
    elif schema.get("type") == "array":
        for value, leaves in examples(schema["items"]):
            yield [value], [((0, *where), kind) for where, kind in leaves]
    elif schema.get("type") in ("string", "integer", "number"):
        yield ("x" if schema["type"] == "string" else 1), [((), schema["type"])]


def objects(properties: dict[str, Any]) -> Iterator[tuple[Any, list[Leaf]]]:
    """Each field's kinds one after the other, the others' first kind beside it."""
    fields = {name: list(examples(schema)) or [(None, [])] for name, schema in properties.items()}
    first = {name: kinds[0][0] for name, kinds in fields.items()}
    for name, kinds in fields.items():
        for value, leaves in kinds:
            yield {**first, name: value}, [((name, *where), kind) for where, kind in leaves]


def spoilt(value: Any, leaf: Leaf, bad: Any) -> Any:
    """The same with something bad at a leaf."""
    where, kind = leaf
    if kind == "key" and where == (FREE,):
        return {bad: value[FREE]}
    if not where:
        return bad
    step, rest = where[0], (where[1:], kind)
    if isinstance(value, list):
        return [spoilt(value[0], rest, bad)]
    return {**value, step: spoilt(value[step], rest, bad)}


def cases() -> Iterator[Any]:
    for path, methods in DOCUMENT["paths"].items():
        for method, operation in methods.items():
            body = operation.get("requestBody", {}).get("content", {}).get("application/json")
            for value, leaves in examples(body["schema"]) if body else ():
                for leaf in leaves:
                    where = ".".join(map(str, ("body", *leaf[0])))
                    bads = [HALF, "a" * 8 + HALF] if leaf[1] in ("string", "key") else BAD_NUMBERS
                    for bad in bads:
                        if where not in NOT_STORED and path != BATCH:
                            name = f"{method} {path} {where} {leaf[1]} {bad!a}"
                            body_of = spoilt(value, leaf, bad)
                            yield pytest.param(method.upper(), path, body_of, where, bad, id=name)


BAD_NUMBERS = [math.nan, math.inf, -math.inf]


@pytest.fixture(scope="module")
def stack() -> Iterator[Cloud]:
    with cloud() as made:
        yield made


def call(method: str, path: str, body: Any) -> Answer:
    for name in ("user_id", "conversation_id", "file_id", "webhook_id", "message_id"):
        path = path.replace(f"{{{name}}}", "ana" if name == "user_id" else an_id(1))
    return request(lambda_handler, method, path.replace("{upload_id}", an_id(1)), body)


@pytest.mark.parametrize(("method", "path", "body", "where", "bad"), list(cases()))
def test_a_field_takes_no_half_of_a_surrogate_pair_and_no_number_that_is_none(
    stack: Cloud, method: str, path: str, body: Any, where: str, bad: Any
) -> None:
    answer = call(method, path, body)

    if bad in BAD_NUMBERS:  # before anything looks at fields
        assert_problem(answer, 400, "bad_json")
        return
    status = 400 if path.startswith("/auth/") else 422  # as OAuth has it
    problem = assert_problem(answer, status, "invalid_request")
    steps = where.split(".")[1:]
    named = [e["where"] for e in problem.get("errors", [])] or [problem["detail"].partition(":")[0]]
    assert any(_leads_to(name.split("."), steps) for name in named), named


def _leads_to(named: list[str], steps: list[str]) -> bool:
    """Metadata is looked at as a whole; the kind of a payload stands before its fields."""
    left = iter(named)
    return all(step in left for step in steps if step not in (FREE, "0"))


def test_the_fields_that_people_write_in_are_among_those() -> None:
    tried = {case.values[3] for case in cases()}

    assert {
        "body.metadata.anything",
        "body.payload.text",
        "body.payload.caption",
        "body.payload.parameters.0",
        "body.name",
        "body.filename",
        "body.description",
        "body.url",
    } <= tried


@pytest.mark.parametrize("key", ["a", HALF])
@pytest.mark.parametrize("value", [HALF, *BAD_NUMBERS])
def test_metadata_is_text_and_numbers(key: str, value: Any) -> None:
    message = {"conversation_id": an_id(1), "payload": {"type": "text", "text": "x"}}
    group = {"type": "private", "members": ["ana", "bo"]}

    for model, given in ((NewMessage, message), (NewConversation, group)):
        with pytest.raises(ValueError):
            model.model_validate({**given, "metadata": {key: value}})
        assert model.model_validate({**given, "metadata": {"a": "✓😀\uffff", "b": 1.5}})
    with pytest.raises(Invalid):
        frame_of({"action": "send", "message": {**message, "metadata": {key: value}}})


def test_a_socket_takes_no_half_of_a_surrogate_pair_as_a_templates_parameter() -> None:
    payload = {"type": "template", "name": "a", "language": "pt", "parameters": ["a", HALF]}

    with pytest.raises(Invalid):
        frame_of({"action": "send", "message": {"conversation_id": an_id(1), "payload": payload}})
    assert TemplatePayload.model_validate({**payload, "parameters": ["", "✓😀"]})


@pytest.mark.parametrize("metadata", [{HALF: HALF}, {"a": HALF}, {"a": [1]}], ids=ascii)
def test_a_refusal_is_itself_text(stack: Cloud, metadata: dict[str, Any]) -> None:
    message = {"conversation_id": an_id(1), "payload": {"type": "text", "text": "x"}}
    message |= {"metadata": metadata}

    alone = call("POST", "/v1/messages", message)
    batch = call("POST", BATCH, {"messages": [message]})

    assert (alone.status, batch.json["items"][0]["error"]["code"]) == (422, "invalid_request")
    for answer in (alone, batch):
        json.dumps(answer.json, ensure_ascii=False).encode()

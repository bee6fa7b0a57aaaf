"""What a method can be asked is what its route can be: by the path, the query and the body."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from grpc_front.methods import METHODS
from http_api.handler import lambda_handler
from tests.cloud import request
from tests.support.proto_set import files, messages

pytestmark = pytest.mark.req("RF-008")
MESSAGES = {name: message for file in files() for name, message in messages(file)}
WITHIN = {"Messages/Send": "NewMessage"}
"""Where a request holds what REST has as the whole body."""
CALLED = {
    "Messages/Send": {"from": "sender"},
    "Conversations/Create": {"idempotency-key": "idempotency_key"},
    "Files/ListPartUrls": {"from": "first"},
    "Files/GetContentUrl": {"disposition": "inline"},
    "Events/List": {"after": "cursor"},
    "Events/Subscribe": {"after": "cursor"},
}
"""By another name."""
REST_ALONE = {
    "Auth/RevokeToken": {"client_id", "token_type_hint"},
    "Events/Subscribe": {"limit"},
}
GRPC_ALONE = {"Webhooks/Update": {"clear"}, "Clients/Update": {"clear"}}
"""Instead of null."""
SPLIT = {"Auth/IssueToken"}
"""A oneof of two models: tests/support/proto_pairs.py has both."""
NAMES = sorted({name.split(".")[-1] for name, method in METHODS.items() if method.route} - SPLIT)


@cache
def document() -> Any:
    return request(lambda_handler, "GET", "/openapi.json").json


def asked_by_rest(route: str) -> set[str]:
    verb, path = route.split(" ")
    operation = document()["paths"][path][verb.lower()]
    content = operation.get("requestBody", {}).get("content", {})
    body = content.get("application/json", {}).get("schema", {})
    return {each["name"] for each in operation.get("parameters", [])} | properties(body)


def properties(schema: dict[str, Any]) -> set[str]:
    if "$ref" in schema:
        schema = document()["components"]["schemas"][schema["$ref"].split("/")[-1]]
    found = set(schema.get("properties", {}))
    return found.union(*(properties(each) for each in schema.get("anyOf", [])))


@pytest.mark.parametrize("name", NAMES)
def test_a_request_has_the_fields_of_its_route(name: str) -> None:
    message = WITHIN.get(name, f"{name.replace('/', '')}Request")
    called = CALLED.get(name, {})

    rest = {
        called.get(field, field) for field in asked_by_rest(METHODS[f"chat4all.v1.{name}"].route)
    }
    grpc = {field.name for field in MESSAGES[message].field}

    assert rest - grpc == REST_ALONE.get(name, set())
    assert grpc - rest == GRPC_ALONE.get(name, set())

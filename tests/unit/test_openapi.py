"""The OpenAPI document is valid 3.1 and tells of every route; the page to read it needs no host."""

import base64
import gzip
import re
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from chat4all.api.access import ROUTES
from http_api.handler import app, lambda_handler
from tests.cloud import request

pytestmark = pytest.mark.req("RF-008")
HIDDEN = {("GET", "/openapi.json"), ("GET", "/docs")}


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return request(lambda_handler, "GET", "/openapi.json").json


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


def nodes(part: Any) -> Iterator[dict[str, Any]]:
    if isinstance(part, dict):
        yield part
    for inner in part.values() if isinstance(part, dict) else part:
        if isinstance(inner, dict | list):
            yield from nodes(inner)


def test_it_is_openapi_3_1(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1.")
    assert document["info"]["title"] == "Chat4All"
    assert re.fullmatch(r"\d+\.\d+\.\d+", document["info"]["version"])


def test_every_route_is_in_it(document: dict[str, Any]) -> None:
    registered = set()
    for route in (*app._static_routes, *app._dynamic_routes):
        path = re.sub(r"<(\w+)>", r"{\1}", str(route.path))
        registered.add((route.method if isinstance(route.method, str) else "", path))

    told = {(method, path) for method, path, _ in operations(document)}

    assert registered - HIDDEN == told
    assert len(told) >= 16


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    references = [node["$ref"] for node in nodes(document) if isinstance(node.get("$ref"), str)]

    assert references
    for reference in references:
        target: Any = document
        for step in reference.removeprefix("#/").split("/"):
            target = target[step]


def test_every_schema_is_a_json_schema(document: dict[str, Any]) -> None:
    for schema in document["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_every_operation_is_complete(document: dict[str, Any]) -> None:
    ids = [operation["operationId"] for _, _, operation in operations(document)]

    assert len(ids) == len(set(ids))
    for _, path, operation in operations(document):
        assert operation["summary"] and operation["tags"]
        assert any(code[0] in "23" for code in operation["responses"])
        problem = operation["responses"]["default"]["content"]["application/problem+json"]
        assert problem["schema"] == {"$ref": "#/components/schemas/Problem"}
        in_path = {p["name"] for p in operation.get("parameters", []) if p["in"] == "path"}
        assert in_path == set(re.findall(r"{(\w+)}", path))


def test_what_needs_a_token_says_so_with_its_scopes(document: dict[str, Any]) -> None:
    for method, path, operation in operations(document):
        scopes = sorted(ROUTES[f"{method} {path}"].scopes)
        assert operation["security"] == ([{"bearer": scopes}] if scopes else [])
        assert bool(scopes) == path.startswith("/v1/")
    assert document["paths"]["/v1/sync"]["get"]["security"] == [
        {"bearer": ["conversations", "messages:read"]}
    ]


def test_the_message_that_clients_know_fits_its_schema(document: dict[str, Any]) -> None:
    message = {
        "message_id": "00000000-0000-4000-8000-000000000001",
        "conversation_id": "00000000-0000-4000-8000-000000000900",
        "from": "ana",
        "to": ["bo"],
        "channels": ["whatsapp", "instagram"],
        "payload": {"type": "text", "text": "hello"},
        "metadata": {"priority": "high"},
    }
    schema = {"$ref": "#/components/schemas/NewMessage", "components": document["components"]}
    validator = Draft202012Validator(schema)

    assert list(validator.iter_errors(message)) == []
    assert list(validator.iter_errors({**message, "payload": {"type": "text", "text": ""}}))
    assert list(validator.iter_errors({**message, "more": 1}))


def test_the_page_is_html_and_loads_nothing_from_elsewhere() -> None:
    answer = request(lambda_handler, "GET", "/docs")

    assert answer.headers["content-type"].startswith("text/html")
    assert answer.text.lower().startswith("<!doctype html>")
    assert not re.search(r"<(script|link|img)[^>]+(src|href)=[\"']?https?:", answer.text)


@pytest.mark.req("RNF-009")
@pytest.mark.parametrize("path", ["/docs", "/openapi.json"])
def test_what_anybody_may_ask_for_is_small_and_kept_by_whoever_asked(path: str) -> None:
    plain = request(lambda_handler, "GET", path, public=True)
    small = request(
        lambda_handler, "GET", path, public=True, headers={"accept-encoding": "br, gzip;q=0.5"}
    )
    never = {"accept-encoding": "gzip;q=0, br"}
    unpacked = request(lambda_handler, "GET", path, public=True, headers=never)

    assert "content-encoding" not in unpacked.headers
    assert small.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert gzip.decompress(base64.b64decode(small.text)).decode() == plain.text
    assert len(small.text) < len(plain.text) / 2
    for answer in (plain, small):
        assert answer.headers["cache-control"] == "public, max-age=300"
        assert answer.headers["vary"] == "accept-encoding"

"""The OpenAPI document and a page to read and try it."""

from __future__ import annotations

import base64
import gzip
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import aws_lambda_powertools
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response

from chat4all import version
from chat4all.access.rules import Rule, Who
from chat4all.api.access import ROUTES
from chat4all.events.types import ENDPOINT_TEST, LOGGED, TYPES

PROBLEM = {
    "description": "Refused: problem details (RFC 9457) with a stable `code`.",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
REFERENCE = "#/components/schemas/{model}"
SIGNED_BY = {
    "webhook-id": "The event's id, the same on every attempt.",
    "webhook-timestamp": "When it was attempted: seconds since 1970.",
    "webhook-signature": "`v1,` and the base64 of an HMAC-SHA256; several with spaces between.",
}


def openapi_json(app: APIGatewayHttpResolver) -> str:
    """OpenAPI 3.1. Errors are described once, for every operation."""
    document: dict[str, Any] = json.loads(
        app.get_openapi_json_schema(
            title="Chat4All",
            version=version.VERSION,
            openapi_version="3.1.0",
            description="One API to people on every channel.",
        )
    )
    components = document.setdefault("components", {})
    components["securitySchemes"] = {
        "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
    }
    document["servers"] = [{"url": "."}]
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            operation["responses"].pop("422", None)
            operation["responses"]["default"] = PROBLEM
            _without_bodies(operation["responses"])
            operation["security"] = _security(ROUTES[f"{method.upper()} {path}"])
    for path in ("/v1/files/complete", "/v1/files/{file_id}/complete"):
        complete = document["paths"][path]["post"]["responses"]
        complete["200"] = {**complete["202"], "description": "It was checked before."}
    opened = document["paths"]["/v1/conversations"]["post"]["responses"]
    opened["200"] = {**opened["201"], "description": "The one that there is already."}
    for unused in ("HTTPValidationError", "ResponseValidationError", "ValidationError"):
        components.get("schemas", {}).pop(unused, None)
    _tell_of_events(document)
    return json.dumps(document)


def _without_bodies(responses: dict[str, Any]) -> None:
    """What has nothing to say has no content, and what leads elsewhere says where."""
    for status, response in responses.items():
        if status == "204" or status.startswith("3"):
            response.pop("content", None)
        if status.startswith("3"):
            response["headers"] = {"Location": {"required": True, "schema": {"type": "string"}}}


def _security(rule: Rule) -> list[dict[str, list[str]]]:
    """Since OpenAPI 3.1 a requirement may name scopes that are none of OAuth's flows."""
    return [] if rule.who is Who.ANYONE else [{"bearer": sorted(rule.scopes)}]


def _tell_of_events(document: dict[str, Any]) -> None:
    """The `webhooks` section: what subscribers get, by Standard Webhooks 1.0. Its models are
    imported here: they take 10 ms, and no other route needs them."""
    from chat4all.events.schemas import definitions, described, name_of

    schemas = document["components"].setdefault("schemas", {})
    document["components"]["schemas"] = definitions(REFERENCE) | schemas
    references = {
        kind: {"$ref": REFERENCE.format(model=name_of(kind))} for kind in (*TYPES, ENDPOINT_TEST)
    }
    document["webhooks"] = {
        kind: {"post": _webhook(kind, described(kind), reference)}
        for kind, reference in references.items()
    }
    kinds = [references[kind] for kind in LOGGED]
    schemas["EventPage"]["properties"]["items"]["items"] = {"anyOf": kinds}


def _webhook(kind: str, summary: str, reference: dict[str, str]) -> dict[str, Any]:
    return {
        "operationId": f"on_{kind.replace('.', '_')}",
        "tags": ["events"],
        "summary": summary,
        "parameters": [
            {
                "name": name,
                "in": "header",
                "required": True,
                "description": text,
                "schema": {"type": "string"},
            }
            for name, text in SIGNED_BY.items()
        ],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": reference}},
        },
        "responses": {
            "2XX": {"description": "Taken. Any other status: it is attempted again."},
            "410": {"description": "Never again: the endpoint is disabled."},
        },
        "security": [],
    }


def page(content_type: str, text: str, accept_encoding: str) -> Response[str]:
    """A page that is the same for everybody until the next release: compressed for who takes it
    so, and kept by browsers and caches for five minutes."""
    headers: dict[str, str | list[str]] = {
        "cache-control": "public, max-age=300",
        "vary": "accept-encoding",
    }
    if not re.search(r"\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))", accept_encoding.lower()):
        return Response(200, content_type, text, headers)
    answer = Response(200, content_type, _gzipped(text), {**headers, "content-encoding": "gzip"})
    answer.base64_encoded = True
    return answer


@cache
def _gzipped(text: str) -> str:
    """In base64. Once in a process: it takes 50 ms, and strangers may ask for it."""
    return base64.b64encode(gzip.compress(text.encode())).decode()


@cache
def swagger_page() -> str:
    """Swagger UI, with its script and style in the page: it needs no other host."""
    package = Path(aws_lambda_powertools.__file__).parent / "event_handler/openapi/swagger_ui"
    script = (package / "swagger-ui-bundle.min.js").read_text(encoding="utf-8")
    style = (package / "swagger-ui.min.css").read_text(encoding="utf-8")
    return (
        "<!doctype html><html lang=en><head><meta charset=utf-8><title>Chat4All API</title>"
        f"<style>{style}</style></head><body><div id=ui></div><script>{script}</script><script>"
        "SwaggerUIBundle({url: new URL('openapi.json', location.href).href, dom_id: '#ui'})"
        "</script></body></html>"
    )

"""The OpenAPI document and a page to read and try it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import aws_lambda_powertools
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver

from chat4all import version

PROBLEM = {
    "description": "Refused: problem details (RFC 9457) with a stable `code`.",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
PUBLIC = {"/auth/token", "/.well-known/jwks.json", "/healthz", "/f/{token}"}


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
        for operation in operations.values():
            operation["responses"].pop("422", None)
            operation["responses"]["default"] = PROBLEM
            operation["security"] = [] if path in PUBLIC else [{"bearer": []}]
    for path in ("/v1/files/complete", "/v1/files/{file_id}/complete"):
        complete = document["paths"][path]["post"]["responses"]
        complete["200"] = {**complete["202"], "description": "It was checked before."}
    opened = document["paths"]["/v1/conversations"]["post"]["responses"]
    opened["200"] = {**opened["201"], "description": "The one that there is already."}
    for unused in ("HTTPValidationError", "ResponseValidationError", "ValidationError"):
        components.get("schemas", {}).pop(unused, None)
    return json.dumps(document)


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

"""Bodies of the token routes. JSON or a form: OAuth's clients send forms."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, unquote

from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2
from pydantic import BaseModel

from chat4all.errors import Rejected

OAUTH_ERRORS = (
    "invalid_client",
    "invalid_grant",
    "invalid_scope",
    "unsupported_grant_type",
    "unsupported_token_type",
)


def fields(event: APIGatewayProxyEventV2) -> dict[str, Any]:
    """What was sent, by name; the credentials of HTTP Basic among it.

    Raises:
        Rejected: it is no JSON.
        Rejected: it is no object.
    """
    try:
        text = event.decoded_body or ""
    except ValueError as error:
        raise Rejected("bad_json", "The body is no UTF-8.") from error
    given: Any
    kind = event.headers.get("content-type", "application/json")
    if kind.startswith("application/x-www-form-urlencoded"):
        given = {name: values[-1] for name, values in parse_qs(text).items()}
    else:
        try:
            given = json.loads(text or "{}")
        except (ValueError, RecursionError) as error:
            raise Rejected("bad_json", "The body is no JSON.") from error
    if not isinstance(given, dict):
        raise Rejected("invalid_request", "body: this must be an object")
    authorization = event.headers.get("authorization", "")
    if authorization.lower().startswith("basic "):
        given = {**_basic(authorization[6:]), **given}
    return given


@contextmanager
def oauth_errors() -> Iterator[None]:
    """What is refused is told in `error`, too (RFC 6749, section 5.2): libraries look there."""
    try:
        yield
    except Rejected as error:
        known = error.code if error.code in OAUTH_ERRORS else "invalid_request"
        error.extra["error"] = known
        raise


def described(*models: type[BaseModel]) -> dict[str, Any]:
    """OpenAPI of a body that is read so."""
    schemas = [model.model_json_schema() for model in models]
    schema = schemas[0] if len(schemas) == 1 else {"oneOf": schemas}
    kinds = ("application/json", "application/x-www-form-urlencoded")
    content = {kind: {"schema": schema} for kind in kinds}
    return {"requestBody": {"required": True, "content": content}}


def _basic(encoded: str) -> dict[str, str]:
    try:
        client_id, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except ValueError:
        return {}
    return {"client_id": unquote(client_id), "client_secret": unquote(secret)}

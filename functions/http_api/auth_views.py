"""Bodies of the token routes. JSON or a form: OAuth's clients send forms."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Literal, TypeVar
from urllib.parse import parse_qs, unquote

from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from chat4all.access.refresh_tokens import Grant
from chat4all.access.tokens import LIFETIME, Token
from chat4all.errors import Rejected
from chat4all.problems import wrong_fields

Model = TypeVar("Model", bound=BaseModel)
OAUTH_ERRORS = (
    "invalid_client",
    "invalid_grant",
    "invalid_scope",
    "unsupported_grant_type",
    "unsupported_token_type",
)
_strict = ConfigDict(extra="forbid")
_oauth = ConfigDict(extra="ignore")
"""RFC 6749, section 3.2: what a server does not know it ignores."""


class ClientCredentials(BaseModel):
    """RFC 6749, section 4.4; HTTP Basic works too."""

    model_config = _oauth
    grant_type: Literal["client_credentials"] = "client_credentials"
    client_id: str = Field(max_length=128)
    client_secret: str = Field(max_length=128)
    scope: str | None = Field(
        None, max_length=512, description="Only these of the client's scopes; all when left out."
    )


class Refresh(BaseModel):
    """RFC 6749, section 6, of a public client."""

    model_config = _oauth
    grant_type: Literal["refresh_token"]
    refresh_token: str = Field(max_length=128)
    client_id: str | None = Field(
        None, max_length=128, description="Not looked at: the refresh token says what it is for."
    )


class Revocation(BaseModel):
    """RFC 7009, of a public client."""

    model_config = _oauth
    token: str = Field(max_length=8192)
    token_type_hint: str | None = Field(None, max_length=64)
    client_id: str | None = Field(None, max_length=128, description="Not looked at.")


class UserTokenRequest(BaseModel):
    model_config = _strict
    expires_in: int = Field(LIFETIME, ge=60, le=LIFETIME, description="Seconds.")
    refresh: bool = Field(False, description="A refresh token as well, for the user's app.")


class TokenOut(BaseModel):
    access_token: str
    token_type: str = "Bearer"  # noqa: S105 (RFC 6750's word, no secret)
    expires_in: int
    scope: str
    refresh_token: str | None = Field(
        None, description="For one use: the answer to it has the next one."
    )

    @classmethod
    def of(cls, token: Token, refresh_token: str | None = None) -> TokenOut:
        return cls(
            access_token=token.access_token,
            expires_in=token.expires_in,
            scope=" ".join(token.scopes),
            refresh_token=refresh_token,
        )

    @classmethod
    def of_grant(cls, grant: Grant) -> TokenOut:
        return cls.of(grant.token, grant.refresh_token)


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


def read(model: type[Model], given: Mapping[str, Any]) -> Model:
    """Raises Rejected (`invalid_request`): something is missing or has the wrong form."""
    try:
        return model.model_validate(given)
    except ValidationError as error:
        first = wrong_fields(error.errors(include_input=False, include_url=False))[0]
        raise Rejected("invalid_request", f"{first['where']}: {first['what']}") from error


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

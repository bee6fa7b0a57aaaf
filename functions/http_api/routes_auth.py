"""Tokens: for clients, for their users, and the keys to verify them."""

from __future__ import annotations

import base64
import json
from typing import Annotated, Any
from urllib.parse import parse_qs, unquote

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Body
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from chat4all.bootstrap.access import clients, tokens
from chat4all.errors import Invalid, Rejected
from chat4all.tokens import LIFETIME, Token
from http_api.requests import UserIdPath, caller

router = Router()


class ClientCredentials(BaseModel):
    """JSON, or a form (RFC 6749, section 4.4); HTTP Basic works too."""

    model_config = ConfigDict(extra="forbid")
    client_id: str = Field(max_length=128)
    client_secret: str = Field(max_length=128)
    grant_type: str = "client_credentials"


class UserTokenRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")
    expires_in: int = Field(LIFETIME, ge=60, le=3600, description="Seconds.")


class TokenOut(BaseModel):
    access_token: str
    token_type: str = "Bearer"  # noqa: S105 (RFC 6750's word, no secret)
    expires_in: int
    scope: str

    @classmethod
    def of(cls, token: Token) -> TokenOut:
        return cls(
            access_token=token.access_token,
            expires_in=token.expires_in,
            scope=" ".join(token.scopes),
        )


@router.post(
    "/auth/token",
    tags=["auth"],
    summary="A token for a client's credentials",
    enable_validation=False,
    openapi_extensions={
        "requestBody": {
            "required": True,
            "content": {
                kind: {"schema": ClientCredentials.model_json_schema()}
                for kind in ("application/json", "application/x-www-form-urlencoded")
            },
        }
    },
)
def client_token() -> Response[str]:
    credentials = _credentials()
    if credentials.grant_type != "client_credentials":
        raise Rejected("unsupported_grant_type", "Only client_credentials is supported.")
    token = tokens().for_client(
        clients().authenticate(credentials.client_id, credentials.client_secret)
    )
    body = TokenOut.of(token).model_dump_json()
    return Response(200, "application/json", body, headers={"Cache-Control": "no-store"})


def _credentials() -> ClientCredentials:
    event = router.current_event
    text = event.decoded_body or ""
    given: Any
    kind = event.headers.get("content-type", "application/json")
    if kind.startswith("application/x-www-form-urlencoded"):
        given = {name: values[-1] for name, values in parse_qs(text).items()}
    else:
        try:
            given = json.loads(text or "{}")
        except (ValueError, RecursionError) as error:
            raise Rejected("bad_json", "The body is no JSON.") from error
    authorization = event.headers.get("authorization", "")
    if authorization.lower().startswith("basic ") and isinstance(given, dict):
        given = {**_basic(authorization[6:]), **given}
    try:
        return ClientCredentials.model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "body"
        raise Invalid("invalid_request", f"{where}: {first['msg']}") from error


def _basic(encoded: str) -> dict[str, str]:
    try:
        client_id, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except ValueError:
        return {}
    return {"client_id": unquote(client_id), "client_secret": unquote(secret)}


@router.post("/v1/users/<user_id>/token", tags=["auth"], summary="A short-lived token for a user")
def user_token(
    user_id: UserIdPath, request: Annotated[UserTokenRequest | None, Body()] = None
) -> TokenOut:
    lifetime = (request or UserTokenRequest()).expires_in
    return TokenOut.of(tokens().for_user(caller(router), user_id, lifetime))


@router.get("/.well-known/jwks.json", tags=["auth"], summary="The public keys")
def jwks() -> dict[str, Any]:
    return tokens().jwks()

"""Tokens: for clients, for their users, for users' apps, and the keys to verify them."""

from __future__ import annotations

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Body

from chat4all.api import tokens
from chat4all.api.requests import ClientCredentials, Refresh, Revocation, UserTokenRequest
from chat4all.api.views.tokens import TokenOut
from http_api.oauth import described, fields, oauth_errors
from http_api.requests import UserIdPath, caller

router = Router()
NO_STORE = {"Cache-Control": "no-store"}
KEYS_KEPT_S = 900
"""docs/deploy.md waits longer than this before a new key signs."""


@router.post(
    "/auth/token",
    tags=["auth"],
    summary="A token for a client's credentials, or for a refresh token",
    enable_validation=False,
    openapi_extensions=described(ClientCredentials, Refresh),
    responses={
        200: {"description": "A token.", "content": {"application/json": {"model": TokenOut}}}
    },
)
def issue_token() -> Response[str]:
    with oauth_errors():
        out = tokens.issue(fields(router.current_event), _address())
    body = out.model_dump_json(exclude_none=True)
    return Response(200, "application/json", body, headers=NO_STORE)


@router.post(
    "/auth/revoke",
    tags=["auth"],
    summary="End a refresh token, and all that follow it",
    enable_validation=False,
    openapi_extensions=described(Revocation),
)
def revoke_token() -> Response[dict[str, Any]]:
    with oauth_errors():
        tokens.revoke(fields(router.current_event), _address())
    return Response(200, "application/json", {}, headers=NO_STORE)


def _address() -> str:
    return router.current_event.request_context.http.source_ip


@router.post("/v1/users/<user_id>/token", tags=["auth"], summary="A short-lived token for a user")
def user_token(
    user_id: UserIdPath, request: Annotated[UserTokenRequest | None, Body()] = None
) -> Response[TokenOut]:
    out = tokens.for_user(caller(router), user_id, request or UserTokenRequest())
    return Response(200, "application/json", out, headers=NO_STORE)


@router.delete(
    "/v1/users/<user_id>/tokens",
    tags=["auth"],
    summary="End all refresh tokens of a user",
    status_code=204,
)
def revoke_users_tokens(user_id: UserIdPath) -> Response[str]:
    tokens.revoke_for_user(caller(router), user_id)
    return Response(204, body="")


@router.get("/.well-known/jwks.json", tags=["auth"], summary="The public keys")
def jwks() -> Response[dict[str, Any]]:
    kept = {"Cache-Control": f"public, max-age={KEYS_KEPT_S}"}
    return Response(200, "application/json", tokens.jwks(), headers=kept)

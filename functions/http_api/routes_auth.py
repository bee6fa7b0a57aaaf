"""Tokens: for clients, for their users, for users' apps, and the keys to verify them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Body

from chat4all.bootstrap.access import clients, own_verifier, refresh_tokens, tokens
from chat4all.errors import Rejected, Unauthenticated
from chat4all.observability import logger
from http_api.auth_views import (
    ClientCredentials,
    Refresh,
    Revocation,
    TokenOut,
    UserTokenRequest,
    described,
    fields,
    oauth_errors,
    read,
)
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
        out = _issued(fields(router.current_event))
    body = out.model_dump_json(exclude_none=True)
    return Response(200, "application/json", body, headers=NO_STORE)


def _issued(given: Mapping[str, Any]) -> TokenOut:
    address = router.current_event.request_context.http.source_ip
    match given.get("grant_type", "client_credentials"):
        case "client_credentials":
            asked = read(ClientCredentials, given)
            client = clients().authenticate(asked.client_id, asked.client_secret, address)
            wanted = None if asked.scope is None else asked.scope.split()
            return TokenOut.of(tokens().for_client(client, wanted))
        case "refresh_token":
            used = read(Refresh, given).refresh_token
            return TokenOut.of_grant(refresh_tokens().refresh(used, address))
        case _:
            detail = "Only client_credentials and refresh_token are supported."
            raise Rejected("unsupported_grant_type", detail)


@router.post(
    "/auth/revoke",
    tags=["auth"],
    summary="End a refresh token, and all that follow it",
    enable_validation=False,
    openapi_extensions=described(Revocation),
)
def revoke_token() -> Response[dict[str, Any]]:
    with oauth_errors():
        token = read(Revocation, fields(router.current_event)).token
        if _is_access_token(token):
            detail = "An access token cannot be taken back: it lasts 15 minutes at the most."
            raise Rejected("unsupported_token_type", detail)
    refresh_tokens().revoke(token, router.current_event.request_context.http.source_ip)
    return Response(200, "application/json", {}, headers=NO_STORE)


def _is_access_token(token: str) -> bool:
    if token.count(".") != 2:
        return False
    try:
        own_verifier().verify(token)
    except Unauthenticated:
        return False
    return True


@router.post("/v1/users/<user_id>/token", tags=["auth"], summary="A short-lived token for a user")
def user_token(
    user_id: UserIdPath, request: Annotated[UserTokenRequest | None, Body()] = None
) -> Response[TokenOut]:
    wanted = request or UserTokenRequest()
    grant = refresh_tokens().mint(
        caller(router), user_id, wanted.expires_in, refresh=wanted.refresh
    )
    return Response(200, "application/json", TokenOut.of_grant(grant), headers=NO_STORE)


@router.delete(
    "/v1/users/<user_id>/tokens",
    tags=["auth"],
    summary="End all refresh tokens of a user",
    status_code=204,
)
def revoke_users_tokens(user_id: UserIdPath) -> Response[str]:
    refresh_tokens().revoke_for(caller(router), user_id)
    logger().info("refresh tokens of a user revoked", user_id=user_id)
    return Response(204, body="")


@router.get("/.well-known/jwks.json", tags=["auth"], summary="The public keys")
def jwks() -> Response[dict[str, Any]]:
    kept = {"Cache-Control": f"public, max-age={KEYS_KEPT_S}"}
    return Response(200, "application/json", tokens().jwks(), headers=kept)

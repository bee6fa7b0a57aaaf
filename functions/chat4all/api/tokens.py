"""Tokens: for clients, for their users, for users' apps, and the keys to verify them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from chat4all.api.requests import ClientCredentials, Refresh, Revocation, UserTokenRequest
from chat4all.api.views.tokens import TokenOut
from chat4all.bootstrap.access import clients, own_verifier, refresh_tokens, tokens
from chat4all.caller import Caller
from chat4all.errors import Rejected, Unauthenticated
from chat4all.observability import logger
from chat4all.problems import wrong_fields

Model = TypeVar("Model", bound=BaseModel)


def issue(given: Mapping[str, Any], address: str) -> TokenOut:
    """A token for a client's credentials, or for a refresh token. `address` is where it was asked
    from.

    Raises:
        Rejected: `invalid_request`, `unsupported_grant_type`, `invalid_grant`, `invalid_scope`.
        Unauthenticated: `invalid_client`.
        Unavailable: a key or the table did not answer.
    """
    match given.get("grant_type", "client_credentials"):
        case "client_credentials":
            asked = _read(ClientCredentials, given)
            client = clients().authenticate(asked.client_id, asked.client_secret, address)
            wanted = None if asked.scope is None else asked.scope.split()
            return TokenOut.of(tokens().for_client(client, wanted))
        case "refresh_token":
            used = _read(Refresh, given).refresh_token
            return TokenOut.of_grant(refresh_tokens().refresh(used, address))
        case _:
            detail = "Only client_credentials and refresh_token are supported."
            raise Rejected("unsupported_grant_type", detail)


def revoke(given: Mapping[str, Any], address: str) -> None:
    """End a refresh token, and all that follow it. One that there is not is over already.

    Raises:
        Rejected: `invalid_request`; `unsupported_token_type`: it is an access token.
    """
    token = _read(Revocation, given).token
    if _is_access_token(token):
        detail = "An access token cannot be taken back: it lasts 15 minutes at the most."
        raise Rejected("unsupported_token_type", detail)
    refresh_tokens().revoke(token, address)


def _is_access_token(token: str) -> bool:
    if token.count(".") != 2:
        return False
    try:
        own_verifier().verify(token)
    except Unauthenticated:
        return False
    return True


def for_user(caller: Caller, user_id: str, wanted: UserTokenRequest) -> TokenOut:
    """A short-lived token for a user, and with it a refresh token if it is wanted."""
    grant = refresh_tokens().mint(caller, user_id, wanted.expires_in, refresh=wanted.refresh)
    return TokenOut.of_grant(grant)


def revoke_for_user(caller: Caller, user_id: str) -> None:
    """End all refresh tokens of a user."""
    refresh_tokens().revoke_for(caller, user_id)
    logger().info("refresh tokens of a user revoked", user_id=user_id)


def jwks() -> dict[str, Any]:
    """The public keys (RFC 7517)."""
    return tokens().jwks()


def _read(model: type[Model], given: Mapping[str, Any]) -> Model:
    """Raises Rejected (`invalid_request`): something is missing or has the wrong form."""
    try:
        return model.model_validate(given)
    except ValidationError as error:
        first = wrong_fields(error.errors(include_input=False, include_url=False))[0]
        raise Rejected("invalid_request", f"{first['where']}: {first['what']}") from error

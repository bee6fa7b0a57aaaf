"""Who may do what, and how often: clients, tokens, limits, the audit trail."""

from __future__ import annotations

from functools import cache

from chat4all.access.audit import Audit
from chat4all.access.clients import Clients
from chat4all.access.limits import Limits
from chat4all.access.refresh_tokens import RefreshTokens
from chat4all.access.standing import Standing
from chat4all.access.tokens import Tokens, TokenVerifier, Verifier, VerifierByIssuer
from chat4all.adapters.dynamodb import (
    DynamoAllowanceStore,
    DynamoAuditStore,
    DynamoClientStore,
    DynamoKeyStore,
    DynamoRefreshStore,
)
from chat4all.bootstrap.parts import clock, settings, signers, table, user_store
from chat4all.cursors import Cursors, cursor_key


@cache
def tokens() -> Tokens:
    return Tokens(signers(), user_store(), client_store(), clock(), settings().token_issuer)


@cache
def own_verifier() -> TokenVerifier:
    return TokenVerifier(signers(), settings().token_issuer)


@cache
def token_verifier() -> Verifier:
    """Ours, and an outside issuer's where there is one."""
    if not settings().oidc_issuer:
        return own_verifier()
    from chat4all.access.oidc import OidcVerifier
    from chat4all.adapters.oidc import OidcKeys

    outside = OidcVerifier(
        OidcKeys(settings().oidc_issuer),
        user_store(),
        clock(),
        issuer=settings().oidc_issuer,
        audience=settings().oidc_audience,
        user_claim=settings().oidc_user_claim,
    )
    own, other = settings().token_issuer, settings().oidc_issuer
    return VerifierByIssuer({own: own_verifier(), other: outside})


@cache
def client_store() -> DynamoClientStore:
    return DynamoClientStore(table())


@cache
def standing() -> Standing:
    return Standing(client_store())


@cache
def clients() -> Clients:
    return Clients(client_store(), audit(), clock())


@cache
def refresh_tokens() -> RefreshTokens:
    families = DynamoRefreshStore(table())
    return RefreshTokens(families, tokens(), user_store(), client_store(), audit(), clock())


@cache
def limits() -> Limits:
    return Limits(DynamoAllowanceStore(table()), clock())


@cache
def audit() -> Audit:
    return Audit(DynamoAuditStore(table()), clock())


@cache
def cursors() -> Cursors:
    return Cursors(_cursor_key)


@cache
def _cursor_key() -> bytes:
    return cursor_key(DynamoKeyStore(table()))

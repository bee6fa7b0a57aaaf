"""Who may do what: clients, tokens."""

from __future__ import annotations

from functools import cache

from chat4all.adapters.dynamodb import DynamoClientStore
from chat4all.bootstrap.parts import clock, settings, signer, table, user_store
from chat4all.tokens import Clients, Tokens, TokenVerifier


@cache
def tokens() -> Tokens:
    return Tokens(signer(), user_store(), clock(), settings().token_issuer)


@cache
def token_verifier() -> TokenVerifier:
    return TokenVerifier(signer(), settings().token_issuer)


@cache
def clients() -> Clients:
    return Clients(DynamoClientStore(table()), clock())

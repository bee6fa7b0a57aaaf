"""Who asks, by the metadata of a call. What they may is the method's rule."""

from __future__ import annotations

import hashlib
import os
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import replace
from functools import cache
from urllib.parse import unquote

import grpc

from chat4all.access.refused_tokens import why
from chat4all.access.tokens import Verified
from chat4all.bootstrap.access import token_verifier
from chat4all.errors import TooMany, Unauthenticated
from chat4all.tracing import HEADER, carried
from grpc_front.pool import blocking

KEPT_S = 300
"""As long as the gateway's authorizer is not asked again about the same token."""
MAX_TOKENS = 10_000
OPEN_A_SECOND = 100
"""Calls without a token that a process takes of each method, and at once. Over HTTP the gateway
holds back more of them: PublicRate."""
REFUSED_A_SECOND = 200
"""Tokens of one address that are looked at in vain; then only tokens that are known are taken."""
MAX_ADDRESSES = 10_000


class KnownTokens:
    """Those that were verified a while ago, by their SHA-256. For one event loop."""

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self._now = now
        self._known: OrderedDict[bytes, tuple[Verified, float]] = OrderedDict()

    def get(self, token: str) -> Verified | None:
        key = _key(token)
        verified, until = self._known.get(key, (None, 0.0))
        if verified is None or until <= self._now():
            self._known.pop(key, None)
            return None
        self._known.move_to_end(key)
        return verified

    def add(self, token: str, verified: Verified) -> None:
        until = min(float(verified.expires_at), self._now() + KEPT_S)
        self._known[_key(token)] = (verified, until)
        while len(self._known) > MAX_TOKENS:
            self._known.popitem(last=False)


def _key(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


class Bucket:
    """So many a second, whoever asks, and as many at once. For one event loop."""

    def __init__(
        self, rate: float = OPEN_A_SECOND, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._rate, self._now = rate, now
        self._left, self._at = rate, now()

    def take(self) -> None:
        """Raises TooMany."""
        self.look("Too many ask for this without a token.")
        self.spend()

    def look(self, detail: str) -> None:
        """Raises TooMany if nothing is left."""
        now = self._now()
        self._left = min(self._rate, self._left + (now - self._at) * self._rate)
        self._at = now
        if self._left < 1:
            raise TooMany("rate_limited", detail, retry_after=1)

    def spend(self) -> None:
        self._left -= 1


class Refused:
    """Who sends tokens that are none of ours, by their addresses. For one event loop."""

    def __init__(self) -> None:
        self._of: OrderedDict[str, Bucket] = OrderedDict()

    def from_address(self, address: str) -> Bucket:
        bucket = self._of.setdefault(address, Bucket(REFUSED_A_SECOND))
        self._of.move_to_end(address)
        while len(self._of) > MAX_ADDRESSES:
            self._of.popitem(last=False)
        return bucket


@cache
def known_tokens() -> KnownTokens:
    return KnownTokens()


@cache
def refused() -> Refused:
    return Refused()


async def verified(context: grpc.aio.ServicerContext, pool: Executor | None = None) -> Verified:
    """Whose token came with the call, and from where.

    Raises:
        Unauthenticated: there is none, or more than one, or it is none of ours any more.
        Unavailable: a key or the table did not answer.
        TooMany: it is not known, and too many from there were none of ours.
    """
    token, address = token_of(context), address_of(context)
    found = known_tokens().get(token)
    if found is None:
        bad = refused().from_address(address)
        bad.look("Too many tokens from there are none of ours.")
        try:
            found = await blocking(pool, verify, token)
        except Unauthenticated:
            bad.spend()
            raise
        known_tokens().add(token, found)
    caller = replace(found.caller, address=address, trace=trace_of(context))
    return Verified(caller, found.expires_at)


def verify(token: str) -> Verified:
    """Ask the key, in words of ours. Raises Unauthenticated, Unavailable."""
    try:
        return token_verifier().verify(token)
    except Unauthenticated as error:
        raise Unauthenticated("invalid_token", why(error)) from error


def token_of(context: grpc.aio.ServicerContext) -> str:
    """What `authorization: Bearer …` says. Raises Unauthenticated."""
    given = _metadata(context, "authorization")
    if not given:
        raise Unauthenticated("invalid_token", "There is no token.")
    scheme, _, token = given[0].partition(" ")
    if len(given) > 1 or scheme.lower() != "bearer" or not token.strip():
        raise Unauthenticated("invalid_token", "Send one: `authorization: Bearer <token>`.")
    return token.strip()


def trace_of(context: grpc.aio.ServicerContext) -> str | None:
    """The client's, by `traceparent`. Of several, gRPC hands on the last alone."""
    given = _metadata(context, HEADER)
    return carried(given[-1]) if given else None


def address_of(context: grpc.aio.ServicerContext) -> str:
    """Where the call comes from: what the balancer says, if there is one in front of us."""
    forwarded = _metadata(context, "x-forwarded-for")
    if forwarded and os.environ.get("TRUST_FORWARDED_FOR") == "1":
        return forwarded[-1].rpartition(",")[2].strip()
    kind, _, rest = unquote(context.peer()).partition(":")
    return rest.rpartition(":")[0].strip("[]") if kind in ("ipv4", "ipv6") else ""


def _metadata(context: grpc.aio.ServicerContext, name: str) -> list[str]:
    return [str(value) for key, value in context.invocation_metadata() or () if key == name]

"""The keys of an outside issuer, found by OpenID Connect Discovery and kept."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from threading import Lock
from typing import Any

import urllib3

from chat4all.errors import Unavailable

KEPT_S = 600
"""So long the keys are believed without a look: one that is taken back is over by then."""
ASKED_AGAIN_S = 60
"""At most so often the issuer is asked, whatever names of keys come along."""
MAX_BYTES = 256 * 1024
ALGORITHMS = ("RS256", "ES256")
WHOLE_S = 4.0
"""Seconds for both documents, and for those who wait for them: the authorizer has five."""
NEW_KEY_S = 1.0
"""Seconds for who has a key that the ones we have do not have: whoever chooses its name may have
made it up."""
_TIMEOUT = urllib3.Timeout(connect=1.0, read=1.0)
_CHUNK_BYTES = 16 * 1024


class OidcKeys:
    def __init__(
        self,
        issuer: str,
        *,
        ca_file: str | None = None,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        """`ca_file` has the authorities that are trusted in the place of the system's."""
        self._issuer = issuer
        self._seconds = seconds
        self._pool = urllib3.PoolManager(
            ca_certs=ca_file, cert_reqs="CERT_REQUIRED", retries=False, timeout=_TIMEOUT
        )
        self._keys: dict[str, Any] | None = None
        self._fetched_at = self._asked_at = -float("inf")
        self._asking = Lock()

    def get(self, kid: str) -> Any:
        now = self._seconds()
        known = self._keys is not None and kid in self._keys
        if not (known and now - self._fetched_at < KEPT_S):
            self._refresh_once(now, wait=not known)
        if self._keys is None:
            raise Unavailable("outside issuer: no keys")
        return self._keys.get(kid)

    def _refresh_once(self, now: float, *, wait: bool) -> None:
        """By one thread. Those that come meanwhile and do not know their key wait for what it
        finds; the others go on with the one that they know.

        Raises:
            Unavailable: there are no keys yet, or the wait was too long.
        """
        longest = WHOLE_S if self._keys is None else NEW_KEY_S
        if not self._asking.acquire(timeout=longest if wait else 0):
            if wait:
                raise Unavailable("outside issuer: slow")
            return
        try:
            self._refresh(now)
        finally:
            self._asking.release()

    def _refresh(self, now: float) -> None:
        """The keys that there are stay when the issuer does not answer."""
        if now - self._asked_at < ASKED_AGAIN_S:
            return
        self._asked_at = now
        try:
            self._keys = self._fetched()
        except (urllib3.exceptions.HTTPError, ValueError, RecursionError) as error:
            if self._keys is None:
                raise Unavailable(f"outside issuer: {type(error).__name__}") from error
            return
        self._fetched_at = now

    def _fetched(self) -> dict[str, Any]:
        """Raises ValueError for what is no discovery document of this issuer, or no set of keys."""
        ends = self._seconds() + WHOLE_S
        discovery = f"{self._issuer.rstrip('/')}/.well-known/openid-configuration"
        found = self._document(discovery, ends)
        if found.get("issuer") != self._issuer:
            raise ValueError("the document is another issuer's")
        url = found.get("jwks_uri")
        if not isinstance(url, str) or not url.lower().startswith("https://"):
            raise ValueError("jwks_uri is no https URL")
        if self._seconds() > ends:
            raise ValueError("it took too long")
        return _usable(self._document(url, ends).get("keys"))

    def _document(self, url: str, ends: float) -> dict[str, Any]:
        answer = self._pool.request("GET", url, redirect=False, preload_content=False)
        content = b""
        try:
            # read1 gives what is there: one that drips is seen to be slow
            while len(content) <= MAX_BYTES and (chunk := answer.read1(_CHUNK_BYTES)):
                content += chunk
                if self._seconds() > ends:
                    raise ValueError("it took too long")
        finally:
            answer.close()
        if answer.status != 200 or len(content) > MAX_BYTES:
            raise ValueError("no answer that we can use")
        found = json.loads(content)
        if not isinstance(found, dict):
            raise ValueError("no JSON object")
        return found


def _usable(given: object) -> dict[str, Any]:
    """Those for signatures with an algorithm of ours, by their names."""
    import jwt

    keys: dict[str, Any] = {}
    for one in given if isinstance(given, list) else []:
        if not isinstance(one, dict) or one.get("use", "sig") != "sig":
            continue
        try:
            key = jwt.PyJWK(one)
        except (jwt.PyJWTError, ValueError, TypeError):
            continue
        weak = key.algorithm_name == "RS256" and key.key.key_size < 2048
        if isinstance(key.key_id, str) and key.algorithm_name in ALGORITHMS and not weak:
            keys[key.key_id] = key
    if not keys:
        raise ValueError("no key that we can use")
    return keys

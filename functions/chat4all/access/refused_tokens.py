"""Why a token is refused, in words of ours: what a library says of it may repeat parts of it, and
changes with the library's version."""

from __future__ import annotations

from chat4all.errors import Unauthenticated

_WORDS = {
    "ExpiredSignatureError": "The token has expired.",
    "ImmatureSignatureError": "The token is not valid yet.",
    "InvalidAudienceError": "The token is not for this API.",
    "InvalidIssuerError": "The token is not of an issuer that counts here.",
    "MissingRequiredClaimError": "The token lacks a claim.",
    "InvalidAlgorithmError": "The token is not signed as ours are.",
    "InvalidSignatureError": "The token is not signed by a key of ours.",
    "DecodeError": "The token is malformed.",
}
"""By the names of PyJWT's errors, so that telling them apart loads nothing."""


def why(error: Unauthenticated) -> str:
    """What the client and the log are told."""
    if error.__cause__ is None:
        return error.detail
    kinds = [kind.__name__ for kind in type(error.__cause__).__mro__]
    return next((_WORDS[name] for name in kinds if name in _WORDS), "The token is none of ours.")

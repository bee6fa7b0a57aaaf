"""What a file's first bytes say of its type, and what a browser may be shown."""

from __future__ import annotations

LOOK = 4096
"""Bytes from the beginning that are looked at."""
UNKNOWN = "application/octet-stream"
_PLAYED = frozenset({"audio", "video"})
_INLINE = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "application/ogg"})


def contradiction(declared: str, first: bytes) -> str | None:
    """The type that the first bytes show, where it contradicts the declared one.

    Only types that others act on are held to their bytes: pictures, sound, video and PDF. A
    drawing is a text like any other XML. Bytes that nobody recognises contradict nothing.
    """
    from puremagic import PureError, magic_string  # here: the API has no use for its 20 ms

    family = _family(declared)
    if family is None:
        return None
    try:
        seen = [found.mime_type for found in magic_string(first)]
    except (PureError, ValueError):
        return None
    telling = [content_type for content_type in seen if content_type not in ("", UNKNOWN)]
    if not telling or any(_agree(family, _family(content_type)) for content_type in telling):
        return None
    return str(telling[0])


def _family(content_type: str) -> str | None:
    major = content_type.partition("/")[0]
    if major in ("image", "audio", "video") and not content_type.endswith("+xml"):
        return major
    if content_type in ("application/ogg", "application/x-matroska"):
        return "video"
    return content_type if content_type == "application/pdf" else None


def _agree(declared: str, seen: str | None) -> bool:
    """Sound and video share their containers: the first bytes do not tell them apart."""
    return declared == seen or {declared, seen} <= _PLAYED


def shown_inline(content_type: str) -> bool:
    """Whether a browser may show it in place. Whatever could run a script is saved instead."""
    return content_type in _INLINE or content_type.partition("/")[0] in _PLAYED

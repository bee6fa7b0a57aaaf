"""JSON as SQS and SNS take it."""

from __future__ import annotations

_NO_CHARACTERS = {"\ufffe": r"\ufffe", "\uffff": r"\uffff"}


def sendable(json_text: str) -> str:
    """The same JSON with U+FFFE and U+FFFF escaped: people can write them, JSON has them, and SQS
    refuses a body with one."""
    if json_text.isascii():
        return json_text
    for character, escaped in _NO_CHARACTERS.items():
        json_text = json_text.replace(character, escaped)
    return json_text

"""How a stream ends that did nothing wrong. Each has the `cursor` to go on from, if there is one
by then."""

from __future__ import annotations

from chat4all.caller import Caller
from chat4all.errors import NotFound, Rejected, TooMany, Unauthenticated


class Draining(Rejected):
    status = 503
    title = "Service unavailable"

    def __init__(self, cursor: str) -> None:
        detail = "This server is about to stop. Open the stream again, with this cursor."
        super().__init__("draining", detail, **_from(cursor))


class SlowReader(TooMany):
    def __init__(self, cursor: str) -> None:
        detail = "The stream was not read for 30 seconds. Open it again, with the last cursor."
        super().__init__("slow_reader", detail, **_from(cursor))


class TooManyStreams(TooMany):
    def __init__(self, most: int) -> None:
        super().__init__("too_many_streams", f"There are {most} streams of yours: end one.")


def token_over(cursor: str) -> Unauthenticated:
    detail = "The token is over. Open the stream again with a new one, and this cursor."
    return Unauthenticated("invalid_token", detail, **_from(cursor))


def user_gone(caller: Caller, cursor: str = "") -> Rejected:
    """Whose events these are is erased, or never was."""
    if caller.is_service:
        return NotFound("user_not_found", "There is no such user.", **_from(cursor))
    return Unauthenticated("invalid_token", "There is no such user.", **_from(cursor))


def _from(cursor: str) -> dict[str, str]:
    return {"cursor": cursor} if cursor else {}

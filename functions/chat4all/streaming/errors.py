"""How a stream ends that did nothing wrong. Each has the `cursor` to go on from."""

from __future__ import annotations

from chat4all.caller import Caller
from chat4all.errors import NotFound, Rejected, TooMany, Unauthenticated


class Draining(Rejected):
    status = 503
    title = "Service unavailable"

    def __init__(self, cursor: str) -> None:
        detail = "This server is about to stop. Open the stream again, with this cursor."
        super().__init__("draining", detail, cursor=cursor)


class SlowReader(TooMany):
    def __init__(self, cursor: str) -> None:
        detail = "The stream was not read for 30 seconds. Open it again, with the last cursor."
        super().__init__("slow_reader", detail, cursor=cursor)


class TooManyStreams(TooMany):
    def __init__(self, most: int) -> None:
        super().__init__("too_many_streams", f"There are {most} streams of yours: end one.")


def token_over(cursor: str) -> Unauthenticated:
    detail = "The token is over. Open the stream again with a new one, and this cursor."
    return Unauthenticated("invalid_token", detail, cursor=cursor)


def user_gone(caller: Caller, cursor: str = "") -> Rejected:
    """Whose events these are is erased, or never was."""
    said = {"cursor": cursor} if cursor else {}
    if caller.is_service:
        return NotFound("user_not_found", "There is no such user.", **said)
    return Unauthenticated("invalid_token", "There is no such user.", **said)

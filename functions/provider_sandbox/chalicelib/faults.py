"""Faults that testers queue, and the sends and downloads that use them up.

One send uses up at most one fault about its answer, the first queued that matches,
and one of each kind about its statuses. A refused send uses up no status fault.
One download of media that may be had uses up at most one fault, the first that matches.
"""

import threading
from dataclasses import asdict, dataclass
from typing import Any

from .checks import number, only, text_in, whole
from .errors import BadInput
from .settings import CHANNELS
from .wire import Channel

ABOUT_THE_ANSWER = ("error", "server_error", "timeout_after_accept", "refuse", "slow")
ABOUT_STATUSES = ("fail_later", "duplicate", "reorder", "skip")
ABOUT_DOWNLOADS = ("media_error", "media_cut", "media_slow", "media_corrupt")
_KINDS = ABOUT_THE_ANSWER + ABOUT_STATUSES + ABOUT_DOWNLOADS
_SECONDS = {"timeout_after_accept": 30.0, "slow": 1.0, "media_slow": 1.0}
_CODES = {"error": 131000, "fail_later": 131026}
_STATUSES = {"server_error": 500, "media_error": 500}


@dataclass(slots=True)
class Fault:
    """`count` is how many sends or downloads it still awaits; `address` None matches everyone."""

    channel: str
    kind: str
    count: int
    address: str | None
    code: int | None
    subcode: int | None
    status: int | None
    seconds: float | None
    copies: int
    skip: list[str]


class Faults:
    """The queue of faults; safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._queue: list[Fault] = []

    def add(self, fault: Fault) -> None:
        with self._lock:
            self._queue.append(fault)

    def take(self, channel: str, address: str, *kinds: str) -> Fault | None:
        """The first queued fault of these kinds that matches this person, counted down."""
        if not self._queue:
            return None
        with self._lock:
            for fault in self._queue:
                if fault.kind not in kinds or fault.channel != channel:
                    continue
                if fault.address in (None, address):
                    fault.count -= 1
                    if fault.count == 0:
                        self._queue.remove(fault)
                    return fault
        return None

    def as_json(self) -> list[dict[str, Any]]:
        with self._lock:
            return [asdict(fault) for fault in self._queue]

    def clear(self) -> None:
        with self._lock:
            self._queue.clear()


def read_fault(given: dict[str, Any], channels: dict[str, Channel]) -> Fault:
    """A fault as a tester asked for it.

    Raises:
        BadInput: an unknown channel, kind or field, or a value that makes no sense.
    """
    only(given, set(Fault.__slots__), "a fault")
    channel, kind = text_in(given, "channel"), text_in(given, "kind")
    if channel not in channels:
        raise BadInput(f"channel must be one of {', '.join(CHANNELS)}")
    if kind not in _KINDS:
        raise BadInput(f"kind must be one of {', '.join(_KINDS)}")
    reports = channels[channel].reports
    if kind == "fail_later" and "sent" not in reports:
        raise BadInput(f"{channel} reports no failed status, so it cannot fail_later")
    fault = Fault(
        channel=channel,
        kind=kind,
        count=whole(given.get("count", 1), "count", low=1),
        address=_address(given, channels[channel]),
        code=_optional(given, "code", _CODES.get(kind)),
        subcode=_optional(given, "subcode", None),
        status=_optional(given, "status", _STATUSES.get(kind)),
        seconds=number(given.get("seconds", _SECONDS.get(kind, 0.0)), "seconds"),
        copies=whole(given.get("copies", 2), "copies", low=1),
        skip=_skipped(given, kind, reports),
    )
    if fault.status is not None and not 400 <= fault.status <= 599:
        raise BadInput("status must be an HTTP error status, 400 to 599")
    return fault


def _optional(given: dict[str, Any], name: str, default: int | None) -> int | None:
    return default if given.get(name) is None else whole(given[name], name)


def _address(given: dict[str, Any], channel: Channel) -> str | None:
    if given.get("address") is None:
        return None
    try:
        return channel.address(text_in(given, "address"))
    except ValueError as problem:
        raise BadInput(f"address: {problem}") from problem


def _skipped(given: dict[str, Any], kind: str, reports: tuple[str, ...]) -> list[str]:
    skip = given.get("skip", [])
    if not isinstance(skip, list) or not all(name in reports for name in skip):
        raise BadInput(f"skip must be a list out of {', '.join(reports)}")
    if kind == "skip" and not skip:
        raise BadInput("the kind skip needs a list named skip")
    return skip

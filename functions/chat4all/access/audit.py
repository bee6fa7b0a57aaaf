"""The audit trail: who did what, when and from where, to what administers or guards the stack."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from chat4all.caller import Caller
from chat4all.ids import new_id
from chat4all.ports import Clock
from chat4all.ports.audit import AuditStore, Place

KEPT_MS = 400 * 86_400_000
MOST_LOOKED_AT = 1_000
"""Records for one page: it may be empty, and there be more."""
LOOKED_AT_ONCE = 100
AHEAD_MS = 60_000
"""So far another process's clock may be before ours."""
SYSTEM = "system"
"""Who acts when nobody asked for it: a job, or a rule."""


class AuditRecord(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)
    record_id: str
    at: int
    """Milliseconds since 1970."""
    action: str
    """What was done, as `client.created`."""
    actor: str
    """The client or the user who did it; `system` for the stack itself."""
    actor_kind: str
    """`service`, `user` or `system`."""
    target: str
    """To what: an id."""
    address: str
    """Where it came from: an IP address, or nothing."""
    detail: dict[str, Any] = Field(default_factory=dict)
    """More, without secrets and without what somebody wrote."""


@dataclass(frozen=True)
class Sought:
    """Which records; what is not said is not asked."""

    action: str | None = None
    actor: str | None = None
    target: str | None = None
    since: int = 0
    """Milliseconds since 1970, this one among them."""
    until: int | None = None
    """Only earlier ones."""

    def fits(self, record: AuditRecord) -> bool:
        return (
            self.action in (None, record.action)
            and self.actor in (None, record.actor)
            and self.target in (None, record.target)
        )


@dataclass(frozen=True)
class AuditPage:
    records: list[AuditRecord]
    more: Place | None
    """Where to go on; None at the end of the trail."""


def month_of(at: int) -> str:
    """The month of a time (ms), as `2026-01`, in UTC."""
    return datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m")


class Audit:
    def __init__(self, records: AuditStore, clock: Clock) -> None:
        self._records = records
        self._clock = clock

    def record(self, caller: Caller | None, action: str, target: str, **detail: Any) -> None:
        """Write it down, before it is done: what is not in the trail did not happen.

        A crash in between leaves a record of what was meant. Raises Unavailable: do not do it.
        """
        self._records.add(
            AuditRecord(
                record_id=new_id(),
                at=self._clock.now(),
                action=action,
                actor=caller.subject if caller else SYSTEM,
                actor_kind=str(caller.kind) if caller else SYSTEM,
                target=target,
                address=caller.address if caller else "",
                detail=detail,
            )
        )

    def page(self, sought: Sought, before: Place | None, limit: int) -> AuditPage:
        """Records before a place, the newest first.

        The table finds them by their time alone. So a page looks at a thousand records at the most,
        whatever is sought, and then says where to go on.
        """
        now = self._clock.now()
        floor = max(sought.since, now - KEPT_MS)
        end = now + AHEAD_MS
        place = before or Place(end if sought.until is None else min(sought.until, end), "")
        found: list[AuditRecord] = []
        for looked, record in enumerate(self._newest(floor, place), start=1):
            if sought.fits(record):
                if len(found) == limit:
                    return AuditPage(found, _place(found[-1]))
                found.append(record)
            if looked == MOST_LOOKED_AT:
                return AuditPage(found, _place(record))
        return AuditPage(found, None)

    def _newest(self, floor: int, place: Place) -> Iterator[AuditRecord]:
        for month in _months_back(place.at, floor):
            while True:
                records = self._records.newest(month, floor, place, LOOKED_AT_ONCE)
                yield from records
                if len(records) < LOOKED_AT_ONCE:
                    break
                place = _place(records[-1])


def _place(record: AuditRecord) -> Place:
    return Place(record.at, record.record_id)


def _months_back(at: int, floor: int) -> Iterator[str]:
    """The months from a time back to an earlier one, both among them."""
    if at < floor:
        return
    first = datetime.fromtimestamp(floor / 1000, UTC)
    last = datetime.fromtimestamp(at / 1000, UTC)
    for month in range(last.year * 12 + last.month - 1, first.year * 12 + first.month - 2, -1):
        yield f"{month // 12:04d}-{month % 12 + 1:02d}"

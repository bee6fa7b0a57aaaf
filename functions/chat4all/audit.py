"""The audit trail: who did what, when and from where, to what administers or guards the stack."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from chat4all.caller import Caller
from chat4all.ids import new_id
from chat4all.ports import Clock
from chat4all.ports.audit import AuditStore

SYSTEM = "system"
"""Who acts when nobody asked for it: a job, or a rule."""


class AuditRecord(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
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

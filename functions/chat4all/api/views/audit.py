"""The audit trail, as administrators see it."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from chat4all.access.audit import AuditRecord
from chat4all.api.views.base import View
from chat4all.timestamps import iso


class AuditRecordOut(View):
    record_id: str
    at: str
    action: str = Field(description="As `webhook.created`; it was about to be done.")
    actor: str = Field(description="A client, a user, or `system`.")
    actor_kind: str = Field(description="service, user or system")
    target: str = Field(description="The id of what it was done to.")
    address: str = Field(description="The IP address that it came from; empty if from none.")
    detail: dict[str, Any]

    @classmethod
    def of(cls, record: AuditRecord) -> AuditRecordOut:
        return cls(**record.model_dump(exclude={"at"}), at=iso(record.at))


class AuditPage(View):
    items: list[AuditRecordOut] = Field(description="The newest first.")
    next_cursor: str | None = Field(
        description="Null at the end. With a filter a page may be empty and not the last one."
    )

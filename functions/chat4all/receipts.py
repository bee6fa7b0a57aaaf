"""Where each message stands: its deliveries, their receipts, and the statuses that follow.

A receipt is a time that is set once and never changed, and a status is the
best of the times: so receipts may come twice, late and in any order, and a
status can only rise.

    PENDING ─▶ SENT ─▶ DELIVERED ─▶ READ          READ implies DELIVERED
       └──────▶ FAILED ────▲─────────▲            a later DELIVERED or READ overtakes FAILED
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from chat4all.conversation import Member
from chat4all.user import APP_CHANNEL

_frozen = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Status(StrEnum):
    FAILED = "FAILED"
    PENDING = "PENDING"
    SENT = "SENT"
    DELIVERED = "DELIVERED"
    READ = "READ"

    @property
    def rank(self) -> int:
        """How good it is: the status of a recipient is that of the best delivery."""
        return list(Status).index(self)


class Mark(StrEnum):
    """What a receipt says."""

    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"


class Failure(BaseModel):
    """Why a delivery failed: the provider's code, our words, whether sending again could help."""

    model_config = _frozen
    code: str
    reason: str
    retriable: bool = False
    next_choice: bool = False
    """The recipient's next channel was tried because of it."""


class Receipt(BaseModel):
    """One fact about one delivery of one message."""

    model_config = _frozen
    message_id: str
    index: int
    mark: Mark
    at: int
    failure: Failure | None = None


class Reference(BaseModel):
    """A provider's message id → ours. `index` is None for what came in."""

    model_config = _frozen
    channel: str
    provider_id: str
    message_id: str
    conversation_id: str
    index: int | None = None
    final: bool = True
    """False for all but the last part of a text that was split."""


class Planned(BaseModel):
    """One delivery, fixed at sequencing. `choice` 0 goes at once, n when n-1 failed."""

    model_config = _frozen
    user_id: str
    channel: str
    address: str | None = None
    account: str | None = None
    choice: int = 0


class Receipts(BaseModel):
    """A message's place in its conversation, its deliveries and all that was reported of them."""

    model_config = _frozen
    message_id: str
    conversation_id: str
    seq: int
    sender: str
    origin: str | None = None
    sequenced_at: int
    accepted_at: int | None = None
    """None for what was sequenced before this was kept beside it."""
    plan: tuple[Planned, ...] = ()
    times: dict[tuple[int, Mark], int] = Field(default_factory=dict)
    failures: dict[int, Failure] = Field(default_factory=dict)
    parts: dict[int, int] = Field(default_factory=dict)
    """Delivery → how many parts of a split text its provider has taken."""
    trace: str | None = None
    """The message's."""

    def settled(self, index: int) -> bool:
        """The provider has taken it, or never will: sending it again would be wrong."""
        return any((index, mark) in self.times for mark in Mark)

    def started(self, index: int) -> bool:
        """First choices are; others once the choice before them failed over to them."""
        planned = self.plan[index]
        if planned.choice == 0:
            return True
        before = self.failures.get(index - 1)
        return before is not None and before.next_choice

    def next_choice(self, index: int) -> int | None:
        """The delivery to try when this one cannot reach its recipient."""
        following = index + 1
        if following < len(self.plan):
            here, there = self.plan[index], self.plan[following]
            if there.user_id == here.user_id and there.choice == here.choice + 1:
                return following
        return None

    def delivery_status(self, index: int, member: Member | None = None) -> Status:
        for mark in (Mark.READ, Mark.DELIVERED, Mark.FAILED, Mark.SENT):
            if (index, mark) in self.times:
                return Status(mark.upper())
        return self.app_status(member) if self.in_app(index) else Status.PENDING

    def in_app(self, index: int) -> bool:
        """This delivery needs no connector: the member fetches it."""
        return self.plan[index].channel == APP_CHANNEL

    def app_status(self, member: Member | None) -> Status:
        """What the member's own watermarks say: the server has it, so at least SENT."""
        if member is not None and member.read_seq >= self.seq:
            return Status.READ
        if member is not None and member.delivered_seq >= self.seq:
            return Status.DELIVERED
        return Status.SENT

    def recipient_statuses(self, members: Mapping[str, Member]) -> dict[str, Status]:
        """Each recipient's best delivery; reading it in the app counts whatever the channel."""
        best: dict[str, Status] = {}
        for index, planned in enumerate(self.plan):
            if not self.started(index):
                continue
            member = members.get(planned.user_id)
            status = self.delivery_status(index, member)
            in_app = self.app_status(member)
            if in_app is not Status.SENT:
                status = max(status, in_app, key=lambda s: s.rank)
            known = best.get(planned.user_id, Status.FAILED)
            best[planned.user_id] = max(known, status, key=lambda s: s.rank)
        return best


def message_status(recipients: Mapping[str, Status]) -> Status:
    """SENT from the 202 on; DELIVERED or READ when the lowest recipient is; FAILED when all are.

    Recipients who cannot be reached do not hold the others' status back: the counts tell them.
    """
    reached = [status for status in recipients.values() if status is not Status.FAILED]
    if recipients and not reached:
        return Status.FAILED
    lowest = min(reached, key=lambda s: s.rank, default=Status.SENT)
    return max(lowest, Status.SENT, key=lambda s: s.rank)


def counts(recipients: Mapping[str, Status]) -> dict[str, int]:
    """How many recipients stand where."""
    found = Counter(recipients.values())
    return {status.lower(): found[status] for status in Status}

"""What became of the status updates of a batch, and what is told of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chat4all import facts
from chat4all.measuring import recorded, took
from chat4all.receipts import Mark, Receipt, Receipts


@dataclass(frozen=True)
class Applied:
    """By the updates' positions."""

    recorded: int
    unknown: list[int]
    """Nothing of ours has that id yet: it may have come before its record."""


def tell(news: Sequence[Receipt], places: Mapping[str, Receipts], began: float, now: int) -> None:
    """Log and measure receipts that were news. `began` in seconds, `now` in milliseconds."""
    for receipt in news:
        place = places[receipt.message_id]
        channel = place.plan[receipt.index].channel
        facts.called_back(place, receipt, began)
        recorded(channel, [receipt])
        if receipt.mark is Mark.DELIVERED:
            took("accept_to_delivered", channel, place.accepted_at, now)

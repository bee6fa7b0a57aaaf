"""Messages: send, send many, look at one, read the history."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from pydantic import ValidationError

from chat4all.access.limits import Allowance
from chat4all.api.admission import spend
from chat4all.api.views.messages import (
    BatchOutcome,
    MessageDetail,
    MessageOut,
    MessagePage,
    message_detail,
)
from chat4all.api.views.problem import Problem
from chat4all.bootstrap.access import cursors
from chat4all.bootstrap.chat import history, messaging
from chat4all.caller import Caller
from chat4all.errors import Chat4AllError, Invalid
from chat4all.history import MessageView
from chat4all.message import NewMessage
from chat4all.messaging import Accepted
from chat4all.observability import logger
from chat4all.problems import as_item, wrong_fields


class Batched(NamedTuple):
    items: list[BatchOutcome]
    """In the order of the messages."""
    allowance: Allowance | None
    """What is left of the caller's minute; None without a limit."""


def send(caller: Caller, new: NewMessage) -> Accepted:
    """Raises: as `Messaging.accept` does."""
    return messaging().accept(caller, new)


def send_batch(caller: Caller, items: Sequence[Any]) -> Batched:
    """An outcome for each of 1 to 25 messages, whatever is wrong with the others.

    Raises:
        RateLimited: the minute has not so many left; then none was looked at.
    """
    # one of them was counted before the request was read
    allowance = spend(caller, len(items) - 1)
    news: dict[int, NewMessage] = {}
    outcomes: dict[int, Accepted | Chat4AllError] = {}
    for number, item in enumerate(items):
        try:
            news[number] = NewMessage.model_validate(item)
        except ValidationError as error:
            first = wrong_fields(error.errors(include_input=False, include_url=False), "message")[0]
            outcomes[number] = Invalid("invalid_request", f"{first['where']}: {first['what']}")
    outcomes |= dict(zip(news, send_each(caller, list(news.values())), strict=True))
    logger().info("batch accepted", messages=len(news), rejected=len(items) - len(news))
    return Batched([_outcome(outcomes[n], news.get(n)) for n in range(len(items))], allowance)


def send_each(caller: Caller, news: Sequence[NewMessage]) -> list[Accepted | Chat4AllError]:
    """In their order, up to 25, an outcome for each; it counts nothing."""
    return messaging().accept_batch(caller, news) if news else []


def _outcome(outcome: Accepted | Chat4AllError, new: NewMessage | None) -> BatchOutcome:
    if isinstance(outcome, Accepted):
        return BatchOutcome(
            status="accepted", message_id=outcome.message_id, replayed=outcome.replayed
        )
    return BatchOutcome(
        status="rejected",
        message_id=new.message_id if new else None,
        error=Problem(**as_item(outcome)),
    )


def get(caller: Caller, message_id: str) -> MessageDetail:
    view = history().show(caller, message_id)
    return message_detail(view, history().app_times(view))


def page(
    caller: Caller,
    conversation_id: str,
    *,
    since: int = 0,
    before: int | None = None,
    limit: int = 50,
    cursor: str | None = None,
) -> MessagePage:
    """The messages between two seqs, both left out; a cursor says the seqs by itself."""
    listing = f"messages {conversation_id}"
    if cursor is not None:
        values = cursors().decode(listing, cursor, int, int)
        since, before = int(values[0]), int(values[1]) or None
    found = history().page(caller, conversation_id, since=since, before=before, limit=limit)
    following = None
    if found.more and found.views:
        first, last = _seq(found.views[0]), _seq(found.views[-1])
        backwards = before is not None and since == 0
        bounds = (0, first) if backwards else (last, before or 0)
        following = cursors().encode(listing, *bounds)
    return MessagePage(items=[MessageOut.of(view) for view in found.views], next_cursor=following)


def _seq(view: MessageView) -> int:
    """What is in the history has a place."""
    return view.receipts.seq if view.receipts else 0

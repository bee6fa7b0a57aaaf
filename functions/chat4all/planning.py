"""Who gets a message where: decided once, at sequencing, and followed from then on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from chat4all.delivery import channel_queue, delivery_of
from chat4all.message import ALL_CHANNELS, Message
from chat4all.ports import MessageStore, Queue
from chat4all.receipts import Planned, Receipts
from chat4all.user import APP_CHANNEL, Identity, User


def display_name(user_id: str, users: Mapping[str, User]) -> str:
    user = users.get(user_id)
    return (user.name if user else None) or user_id


def plan_deliveries(
    message: Message, recipients: Sequence[str], users: Mapping[str, User]
) -> tuple[Planned, ...]:
    """Who gets it where. `channels` means each of them; none, the recipient's own order."""
    plan: list[Planned] = []
    for user_id in recipients:
        user = users.get(user_id)
        addresses = user.addresses() if user else ()
        if message.channels is None:
            found = [_planned(user_id, a, choice) for choice, a in enumerate(addresses)]
            plan += found or [Planned(user_id=user_id, channel=APP_CHANNEL, address=user_id)]
            continue
        if ALL_CHANNELS in message.channels:
            plan += [_planned(user_id, a, 0) for a in addresses]
            continue
        for channel in dict.fromkeys(message.channels):
            on_it = [_planned(user_id, a, 0) for a in addresses if a.channel == channel]
            if not on_it and channel == APP_CHANNEL:
                on_it = [Planned(user_id=user_id, channel=APP_CHANNEL, address=user_id)]
            plan += on_it or [Planned(user_id=user_id, channel=channel)]
    return tuple(plan)


def _planned(user_id: str, identity: Identity, choice: int) -> Planned:
    return Planned(
        user_id=user_id,
        channel=identity.channel,
        address=identity.address,
        account=identity.account,
        choice=choice,
    )


def forward(
    queue: Queue, messages: MessageStore, place: Receipts, index: int, sender_name: str | None
) -> None:
    """Enqueue one planned delivery; one in the app needs no sending."""
    if place.plan[index].channel == APP_CHANNEL:
        return
    message = messages.get([place.message_id], fresh=True)[place.message_id]
    delivery = delivery_of(message, place, index, sender_name)
    if delivery is not None:
        queue.send(channel_queue(delivery.channel), [delivery.outgoing()])

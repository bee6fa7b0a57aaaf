"""The callbacks of one channel, spread over a few lanes."""

import json
from collections.abc import Callable, Iterable

from .lane import Lane, Parcel
from .people import People
from .poster import post_callback
from .settings import ChannelSettings
from .wire import Callback, Channel, PersonWrote, Receipt


class Outbox:
    """Callbacks about one message, or from one person, keep their order: they share a lane."""

    def __init__(
        self,
        channel: Channel,
        people: People,
        settings: Callable[[], ChannelSettings],
        lanes: int = 2,
    ) -> None:
        self._channel = channel
        self._people = people
        self._settings = settings
        self._lanes = [Lane(self._post, settings) for _ in range(lanes)]

    def put(self, key: str, timed: Iterable[tuple[float, Callback]]) -> None:
        """Schedule callbacks that share a key; with no callback URL they are dropped."""
        if self._settings().callback_url:
            self._lanes[hash(key) % len(self._lanes)].put(timed)

    def clear(self) -> None:
        for lane in self._lanes:
            lane.clear()

    def counts(self) -> dict[str, int]:
        tallies = [lane.tally for lane in self._lanes]
        return {
            "posted": sum(tally.posted for tally in tallies),
            "failed": sum(tally.failed for tally in tallies),
            "given_up": sum(tally.given_up for tally in tallies),
            "pending": sum(tally.pending for tally in tallies),
        }

    def _post(self, parcel: Parcel) -> bool:
        parcel.body = parcel.body or self._encode(parcel.items)
        taken = post_callback(self._settings(), parcel.body)
        if taken:
            self._people.note_reported(i for i in parcel.items if isinstance(i, Receipt))
        return taken

    def _encode(self, items: list[Callback]) -> bytes:
        first = items[0]
        if isinstance(first, PersonWrote):
            body = self._channel.wrote(first)
        else:
            body = self._channel.receipts([item for item in items if isinstance(item, Receipt)])
        return json.dumps(body, separators=(",", ":")).encode()

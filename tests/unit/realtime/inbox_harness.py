"""A client of a stream: it keeps what came and the last cursor, and has no logic of its own."""

from __future__ import annotations

from collections import defaultdict

from realtime_harness import RealtimeWorld

from chat4all.caller import Caller
from chat4all.events import Event
from chat4all.events.envelope import made
from chat4all.realtime.sync_cursor import MAX_LENGTH, SyncCursor
from chat4all.streaming.frames import Pushed
from chat4all.streaming.inbox import Inbox
from tests.builders import CURSORS, as_user


class Reader:
    """Of one user's stream. `cut_after` frames the line breaks, and the rest is lost."""

    def __init__(self, world: RealtimeWorld, user_id: str = "ana") -> None:
        self.world = world
        self.user_id = user_id
        self.caller: Caller = as_user(user_id)
        self.cursor: str | None = None
        self.frames: list[Pushed] = []
        self.got: dict[str, list[int]] = defaultdict(list)
        self.connect()

    def connect(self) -> None:
        start = SyncCursor()
        if self.cursor is not None:
            start = SyncCursor.decoded(CURSORS, self.user_id, self.cursor)
        world = self.world
        parts = (world.syncing, world.message_store, CURSORS, world.clock)
        self.inbox = Inbox(self.caller, self.user_id, start, *parts)

    def hear(self, frames: list[Pushed], cut_after: int | None = None) -> list[Pushed]:
        for pushed in frames[:cut_after]:
            self.frames.append(pushed)
            if pushed.cursor is not None:
                assert len(pushed.cursor) <= MAX_LENGTH
                self.cursor = pushed.cursor
            if pushed.event and pushed.event["type"] == "message.accepted":
                data = pushed.event["data"]
                self.got[data["conversation_id"]].append(data["seq"])
        if cut_after is not None and cut_after < len(frames):
            self.connect()
        return frames[:cut_after]

    def step(self, cut_after: int | None = None) -> list[Pushed]:
        return self.hear(self.inbox.step(), cut_after)

    def settle(self, steps: int = 50) -> list[Pushed]:
        """All that is due by now."""
        found: list[Pushed] = []
        for _ in range(steps):
            if self.inbox.wait() > 0:
                break
            found += self.step()
        return found

    def take(self, *events: Event, cut_after: int | None = None) -> list[Pushed]:
        while self.inbox.under_way:
            if self.inbox.wait() > 0:
                self.world.clock.advance(self.inbox.wait() + 0.001)
            self.step()
        return self.hear(self.inbox.take(events), cut_after)


def events(frames: list[Pushed]) -> list[Event]:
    return [f.event for f in frames if f.event is not None]


def is_caught_up(frame: Pushed) -> bool:
    return frame.event is None and frame.status is None


def happened(world: RealtimeWorld, kind: str, **data: object) -> Event:
    return made(kind, world.clock.now(), (str(data),), dict(data))

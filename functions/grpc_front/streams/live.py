"""What is logged, as it happens, for all streams of this process: one poller, many listeners."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from chat4all.errors import Unavailable
from chat4all.events.types import Event
from chat4all.observability import logger, without_data
from chat4all.ports import ConversationStore
from chat4all.streaming.tail import Page, Tail
from grpc_front.streams.concerning import ByUser, by_user
from grpc_front.streams.listeners import MOST_PAGES, Listener, Listening

BUSY_S = 0.1
"""Between two polls."""
IDLE_S = 0.25
"""The same, when nothing has come for a while."""
IDLE_AFTER = 50
"""Polls without a page."""
AFTER_FAILURE_S = 1.0
ASKED_AT_ONCE = 20
"""Pages whose users are looked up together."""
MOST_UNASKED = 1_200
"""Pages that wait until it is known whom they concern: more than three polls can bring."""


class Live:
    """Used in one event loop. It polls while somebody listens, in a thread of its own: a poll
    never waits behind requests. Whom a page concerns is read once for all, and nobody else is
    woken by it."""

    def __init__(
        self, tail: Tail, conversations: ConversationStore, pool: ThreadPoolExecutor
    ) -> None:
        """`pool` is where conversations are read, for their members."""
        self._tail = tail
        self._conversations = conversations
        self._pool = pool
        self._poller = ThreadPoolExecutor(1, thread_name_prefix="event-log")
        self._polling: asyncio.Task[None] | None = None
        self._asking: asyncio.Task[None] | None = None
        self._listeners: set[Listener] = set()
        self._users: dict[str, set[Listening[list[Event]]]] = {}
        self._forget()

    def _forget(self) -> None:
        self.settled = self._tail.settled
        self.recent: dict[str, Page] = {}
        """Those that are later than `settled`."""
        self._unasked: list[Page] = []
        self._concerned: dict[str, ByUser] = {}
        """Of recent pages, as far as it is known."""

    @contextmanager
    def listen(self) -> Iterator[Listener]:
        """To every page."""
        self._begin()
        listener = Listener(lambda: self.recent.values(), lambda: self.settled)
        self._listeners.add(listener)
        try:
            yield listener
        finally:
            self._listeners.discard(listener)

    @contextmanager
    def listen_for(self, user_id: str) -> Iterator[Listening[list[Event]]]:
        """To what concerns a user: an item is what one page has of it."""
        self._begin()
        listener = Listening(lambda: [c[user_id] for c in self._known() if user_id in c])
        there = self._users.setdefault(user_id, set())
        there.add(listener)
        try:
            yield listener
        finally:
            there.discard(listener)
            if not there and self._users.get(user_id) is there:
                del self._users[user_id]

    def wake(self) -> None:
        """Every listener that waits goes on: something else than pages has to be looked at."""
        for listener in self._listeners:
            listener.wake()
        for one in self._of_users():
            one.wake()

    def close(self) -> None:
        """The last one out."""
        for task in (self._polling, self._asking):
            if task is not None:
                task.cancel()
        self._poller.shutdown(wait=False, cancel_futures=True)

    def give(self, pages: list[Page]) -> None:
        """To everybody; those of one poll."""
        self.settled = self._tail.settled
        recent = {**self.recent, **{page.id: page for page in pages}}
        self.recent = {i: page for i, page in recent.items() if i > self.settled}
        for page_id in self._concerned.keys() - self.recent.keys():
            del self._concerned[page_id]
        if pages:
            for listener in self._listeners:
                listener.offer(pages)
        self._ask_about(pages)

    def _known(self) -> Iterable[ByUser]:
        return self._concerned.values()

    def _of_users(self) -> list[Listening[list[Event]]]:
        return [listener for there in self._users.values() for listener in there]

    # --- what happens ---

    def _begin(self) -> None:
        if self._polling is None:
            self._tail.begin()
            self._forget()
            self._polling = asyncio.get_running_loop().create_task(self._poll())

    async def _poll(self) -> None:
        loop, quiet = asyncio.get_running_loop(), 0
        try:
            while self._listeners or self._users:
                try:
                    pages = await loop.run_in_executor(self._poller, self._tail.poll)
                except Unavailable as error:
                    logger().warning("event log not polled", reason=without_data(error))
                    await asyncio.sleep(AFTER_FAILURE_S)
                    continue
                self.give(pages)
                quiet = 0 if pages else quiet + 1
                await asyncio.sleep(IDLE_S if quiet > IDLE_AFTER else BUSY_S)
        except Exception as error:
            for listener in self._listeners:
                listener.fail(error)
            self._listeners.clear()
            self._fail_users(error)
        finally:
            self._polling = None
            self._forget()

    # --- whom it concerns ---

    def _ask_about(self, pages: list[Page]) -> None:
        self._unasked += pages
        if not self._users:
            self._unasked = [p for p in self._unasked if p.id in self.recent][-MOST_PAGES:]
        elif len(self._unasked) > MOST_UNASKED:
            self._unasked = []
            for listener in self._of_users():
                listener.lose()
        elif self._unasked and self._asking is None:
            self._asking = asyncio.get_running_loop().create_task(self._ask())

    async def _ask(self) -> None:
        """Pages are told in their turn: one whose users cannot be read just now holds up those
        after it."""
        loop = asyncio.get_running_loop()
        try:
            while self._unasked and self._users:
                pages = self._unasked[:ASKED_AT_ONCE]
                del self._unasked[:ASKED_AT_ONCE]
                try:
                    asked = loop.run_in_executor(self._pool, by_user, self._conversations, pages)
                    self._tell(await asked)
                except Unavailable as error:
                    logger().warning("users of events not read", reason=without_data(error))
                    self._unasked[:0] = pages
                    await asyncio.sleep(AFTER_FAILURE_S)
        except Exception as error:
            self._fail_users(error)
        finally:
            self._asking = None

    def _tell(self, concerned: Mapping[str, ByUser]) -> None:
        for page_id, users in concerned.items():
            if page_id in self.recent:
                self._concerned[page_id] = users
            for user_id in users.keys() & self._users.keys():
                for listener in self._users[user_id]:
                    listener.offer([users[user_id]])

    def _fail_users(self, error: Exception) -> None:
        """Each stream ends with it, and its door logs it."""
        for listener in self._of_users():
            listener.fail(error)
        self._users.clear()

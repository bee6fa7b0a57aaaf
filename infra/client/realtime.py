"""A client of the WebSocket API: connected again whenever it was cut, nothing missed, in order.

    with RealtimeClient(sockets_url, lambda: token_of("bruno"), seen={conversation: 7}) as client:
        for event in client.events():
            if event["type"] == "message.accepted":
                data = event["data"]
                print(data["from"], data["payload"])
                client.ack(data["conversation_id"], data["seq"])

`seen` is the last `seq` of each conversation that was had; keep `client.seen` and `client.cursor`
when the program ends and hand them over when it begins again. Without either, it begins with what
was never delivered.
"""

import queue
import random
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Self

from infra.client.errors import ClientError, Problem, Stopped, Unreachable
from infra.client.realtime_line import BEAT, PATIENCE, Dropped, Line, Refused
from infra.client.realtime_order import Event, Ordering
from infra.client.realtime_resume import Resuming

WAITS = (0.1, 0.2, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0)
"""Seconds before another attempt to connect, up to half as much again; the last one repeats."""
ANSWER = 20.0  # seconds in which an action is answered, lost connections and repeats included
REFUSALS = 3  # handshakes in a row, each with a new token, before that is final


class RealtimeClient:
    """One user on one device. A thread of its own keeps the connection; `events` and the actions
    may be called from any other."""

    def __init__(
        self,
        url: str,
        token: Callable[[], str],
        seen: Mapping[str, int] | None = None,
        cursor: str | None = None,
        *,
        waits: tuple[float, ...] = WAITS,
        patience: float = PATIENCE,
        beat: float = BEAT,
        ca_file: str | None = None,
    ) -> None:
        """`token` gives one of the user's that is good, at every connection. `patience`: seconds
        until what others overtook is asked for. `beat`: seconds between two signs of life.
        `ca_file`: the only authority to trust, if it is none that this machine trusts."""
        self._url, self._token, self._waits = url, token, waits
        self._patience, self._beat, self._ca_file = patience, beat, ca_file
        self._resuming = Resuming(Ordering(seen or {}), cursor)
        self._ready: queue.Queue[Event | ClientError] = queue.Queue()
        self._answers: dict[str, queue.Queue[dict[str, Any] | None]] = {}
        self._line: Line | None = None
        self._connected, self._stopping = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True, name="realtime")

    @property
    def seen(self) -> dict[str, int]:
        """The last `seq` that was given out, by conversation."""
        return self._resuming.ordering.seen

    @property
    def cursor(self) -> str | None:
        """Where it caught up last."""
        return self._resuming.cursor

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        if line := self._line:
            line.close()
        self._thread.join(timeout=10)

    def wait_connected(self, seconds: float = ANSWER) -> None:
        """Raises Unreachable if there is no connection in time."""
        if not self._connected.wait(seconds):
            raise Unreachable("connect", f"not within {seconds:.0f} s")

    def events(self, patience: float | None = None) -> Iterator[Event]:
        """Each event once; messages of a conversation by `seq`, without gaps.

        It ends when nothing came for `patience` seconds, or never. Raises Problem when the
        handshake was refused, with new tokens too, and Stopped when the client was closed.
        """
        while True:
            try:
                found = self._ready.get(timeout=patience)
            except queue.Empty:
                return
            if isinstance(found, ClientError):
                self._ready.put(found)  # for whoever asks next
                raise found
            yield found

    def send(
        self, conversation_id: str, payload: Mapping[str, Any], message_id: str | None = None
    ) -> str:
        """The message's id, once it is durable. Repeated under the same id if the line is cut."""
        message = {"conversation_id": conversation_id, "payload": payload}
        message["message_id"] = message_id or str(uuid.uuid4())
        return str(self.act("send", message=message)["message_id"])

    def ack(self, conversation_id: str, up_to_seq: int) -> None:
        """This user has everything up to there: it is DELIVERED."""
        self.act("ack", conversation_id=conversation_id, up_to_seq=up_to_seq)

    def read(self, conversation_id: str, up_to_seq: int) -> None:
        self.act("read", conversation_id=conversation_id, up_to_seq=up_to_seq)

    def typing(self, conversation_id: str, typing: bool = True) -> None:
        self.act("typing", conversation_id=conversation_id, typing=typing)

    def ping(self) -> dict[str, Any]:
        return self.act("ping")

    def renew(self) -> None:
        """Go on with a new token on the same connection."""
        self.act("renew", token=self._token())

    def act(self, action: str, **fields: Any) -> dict[str, Any]:
        """The answer to any action; sent again when the line was cut before it came.

        Raises:
            Problem: the API refused, with its code; Unreachable: no answer in time.
        """
        request_id, deadline = str(uuid.uuid4()), time.monotonic() + ANSWER
        answers = self._answers[request_id] = queue.Queue()
        try:
            while (left := deadline - time.monotonic()) > 0:
                if not self._connected.wait(left) or (line := self._line) is None:
                    continue
                line.tell({"action": action, "request_id": request_id, **fields})
                if (answer := answers.get(timeout=left)) is None:
                    continue  # cut: another line, the same question
                if answer["type"] == "error":
                    problem = answer.get("problem", {})
                    raise Problem(action, int(problem.get("status", 0)), problem)
                return answer
        except queue.Empty:
            pass
        finally:
            del self._answers[request_id]
        raise Unreachable(action, f"no answer within {ANSWER:.0f} s")

    def _run(self) -> None:
        refused, attempt = 0, 0
        try:
            while not self._stopping.is_set():
                try:
                    with Line(self._url, self._token(), self._beat, self._ca_file) as self._line:
                        refused, attempt = 0, 0
                        self._attend(self._line)
                except Refused as refusal:
                    refused += refusal.final
                    if refused == REFUSALS:
                        raise Problem("connect", refusal.status, {}) from refusal
                except (Dropped, Unreachable):
                    pass
                self._lost()
                seconds = self._waits[min(attempt, len(self._waits) - 1)]
                attempt += 1
                self._stopping.wait(seconds * random.uniform(1, 1.5))  # noqa: S311 - no secret
        except ClientError as error:
            self._ready.put(error)
        finally:
            self._lost()
            self._ready.put(Stopped("The client was closed."))

    def _lost(self) -> None:
        self._line = None
        self._connected.clear()
        for answers in list(self._answers.values()):
            answers.put(None)

    def _attend(self, line: Line) -> None:
        """Until the line is cut."""
        self._connected.set()
        line.tell(self._resuming.begin(time.monotonic()))
        while not self._stopping.is_set():
            for frame in line.heard(self._patience / 2):
                for event in self._events_of(frame, time.monotonic()):
                    self._ready.put(event)
            line.tell(self._resuming.next(time.monotonic(), self._patience))

    def _events_of(self, frame: dict[str, Any], now: float) -> list[Event]:
        if "id" in frame:
            return self._resuming.ordering.take(frame, now)
        if (events := self._resuming.answered(frame, now)) is not None:
            return events
        if asked := self._answers.get(str(frame.get("request_id"))):
            asked.put(frame)
        return []

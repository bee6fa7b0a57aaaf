"""The open model against a server that is told what to answer."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tests.load import open_model
from tests.load.open_model import Arrivals, OpenModel
from tests.load.records import Asked, Outcome, line, wait_before
from tests.load.world import Room, World

pytestmark = pytest.mark.req("RNF-001")
EVEN = Arrivals(rate=50, seconds=0.4, spread="even")


class Front:
    """What it was asked, and what it answers: statuses in turn, the last for ever; 0 hangs up."""

    def __init__(self, *statuses: int, wait: float = 0.0) -> None:
        self.statuses, self.wait = list(statuses), wait
        self.bodies: list[dict[str, Any]] = []
        self._lock = threading.Lock()

    def take(self, body: dict[str, Any]) -> int:
        with self._lock:
            self.bodies.append(body)
            return self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]

    def times(self) -> Counter[str]:
        return Counter(body["message_id"] for body in self.bodies)


@contextmanager
def serving(front: Front) -> Iterator[OpenModel]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            status = front.take(body)
            time.sleep(front.wait)
            if not status:
                self.close_connection = True
                return
            answer: dict[str, Any] = {"code": "rate_limited"} if status >= 400 else {}
            if "messages" in body:
                ok = {"status": "accepted", "error": None}
                bad = {"status": "rejected", "error": {"status": 403, "code": "not_member"}}
                answer = {"items": [ok] * (len(body["messages"]) - 1) + [bad]}
            content = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    rooms = [Room(f"c-{number}", 1) for number in range(4)]
    url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield OpenModel(World(url, "", "", "", "agent", rooms), lambda: "token")
    finally:
        server.shutdown()
        server.server_close()


def test_slow_answers_hold_no_request_back_and_count_from_when_it_was_due() -> None:
    front = Front(202, wait=1.0)
    with serving(front) as model:
        model.run(EVEN, lambda: False)

    assert len(model.asked) == 20
    assert all(one.outcome is Outcome.STORED for one in model.asked)
    last = max(one.began for one in model.asked)
    assert last < min(one.ended for one in model.asked)  # all were sent before any was answered
    assert all(one.ended - one.due >= 1.0 for one in model.asked)


def test_who_is_refused_for_now_asks_again_with_the_same_id(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(open_model, "wait_before", lambda busy, said: 0.01 * busy)
    front = Front(429, 503, 202)
    with serving(front) as model:
        model.run(Arrivals(rate=10, seconds=0.1, spread="even"), lambda: False)

    [asked] = model.asked
    assert (asked.status, asked.busy, asked.outcome) == (202, 2, Outcome.STORED)
    assert front.times() == {asked.message_id: 3}


def test_who_is_refused_to_the_end_is_refused_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(open_model, "wait_before", lambda busy, said: 0.0)
    with serving(Front(429)) as model:
        model.run(Arrivals(rate=10, seconds=0.1, spread="even"), lambda: False)

    [asked] = model.asked
    assert (asked.outcome, asked.busy) == (Outcome.REFUSED, open_model.ATTEMPTS)
    assert (asked.status, asked.code) == (429, "rate_limited")


def test_a_connection_that_was_closed_is_made_anew_for_the_same_message() -> None:
    front = Front(0, 202)
    with serving(front) as model:
        model.run(Arrivals(rate=10, seconds=0.1, spread="even"), lambda: False)

    [asked] = model.asked
    assert asked.outcome is Outcome.STORED
    assert front.times() == {asked.message_id: 2}


def test_who_never_gets_an_answer_is_unanswered() -> None:
    with serving(Front(0)) as model:
        model.run(Arrivals(rate=10, seconds=0.1, spread="even"), lambda: False)

    assert [one.outcome for one in model.asked] == [Outcome.UNANSWERED]


def test_each_message_of_a_batch_has_its_own_answer() -> None:
    with serving(front := Front(200)) as model:
        model.run(Arrivals(rate=50, seconds=0.1, batch=5, spread="even"), lambda: False)

    assert [len(body["messages"]) for body in front.bodies] == [5]
    assert [one.status for one in model.asked] == [202, 202, 202, 202, 403]
    assert model.asked[-1].code == "not_member"


def test_it_stops_when_it_is_told_to_and_keeps_what_it_has() -> None:
    begun = time.monotonic()
    with serving(Front(202)) as model:
        model.run(Arrivals(rate=20, seconds=60), lambda: time.monotonic() - begun > 0.5)

    assert time.monotonic() - begun < 10
    assert 0 < len(model.asked) < 60
    assert all(one.outcome is Outcome.STORED for one in model.asked)


@pytest.mark.parametrize(
    ("busy", "said", "seconds"),
    [(1, None, 0.25), (2, None, 0.5), (1, "3", 3.0), (1, "soon", 0.25), (1, "900", 30.0)],
)
def test_the_wait_is_what_the_server_says_or_doubles(
    busy: int, said: str | None, seconds: float
) -> None:
    assert wait_before(busy, said) == seconds


def test_what_was_asked_is_read_back_from_its_lines() -> None:
    one = Asked("m-1", "c-1", due=1.5, began=1.5, ended=2.0, status=202)

    assert Asked(**json.loads(line(one))) == one

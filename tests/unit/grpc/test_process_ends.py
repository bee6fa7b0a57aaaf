"""How the process ends when it was not asked to."""

from __future__ import annotations

import asyncio
import os
import signal
from typing import Any

import pytest

import grpc_front.__main__ as process
from chat4all.errors import Unavailable
from tests.support.made_up_front import ANY_PORT

pytestmark = pytest.mark.req("RF-008")


class Log:
    def __init__(self) -> None:
        self.said: list[tuple[str, dict[str, Any]]] = []
        self.bugs: list[Exception] = []

    def info(self, what: str, **more: Any) -> None:
        self.said.append((what, more))

    warning = info


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Log:
    log = Log()
    monkeypatch.setattr(process, "logger", lambda: log)
    monkeypatch.setattr(process, "log_bug", log.bugs.append)
    monkeypatch.setattr(process, "PAUSE", 0.01)
    return log


async def served() -> bool:
    return await asyncio.wait_for(process.serve(ANY_PORT), 10)


def test_what_it_cannot_start_with_is_logged_and_ends_it(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_region() -> None:
        raise LookupError("no region")

    monkeypatch.setattr(process, "_ask", no_region)

    assert asyncio.run(served()) is False
    assert [type(bug) for bug in log.bugs] == [LookupError]
    assert log.said[-1] == ("stopped", {})


def test_a_server_that_ends_by_itself_ends_the_process(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def over(_: object) -> None:
        return None

    monkeypatch.setattr(process, "_ask", lambda: None)
    monkeypatch.setattr("grpc_front.server.Front.over", over)

    assert asyncio.run(served()) is False
    assert [str(bug) for bug in log.bugs] == ["the server has ended"]


def test_what_does_not_answer_is_told_and_asked_again_until_it_is_to_end(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    def down() -> None:
        asked.append(1)
        if len(asked) == 3:
            os.kill(os.getpid(), signal.SIGTERM)
        raise Unavailable("token key: Unable to locate credentials")

    monkeypatch.setattr(process, "_ask", down)

    assert asyncio.run(served()) is True
    assert ("not ready", {"reason": "token key: Unable to locate credentials"}) in log.said
    assert log.bugs == []

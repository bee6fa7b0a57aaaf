"""Resolver: names as the system resolves them, and one that is not answered holds up no other."""

from __future__ import annotations

import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from chat4all.adapters import resolver as resolving
from chat4all.adapters.resolver import SystemResolver

pytestmark = pytest.mark.req("RF-009")
FOUND = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.215.14", 0))]


class Names:
    """In the place of the system: of `black.example` nobody hears before `speak`."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.asked: list[str] = []
        self.speak = threading.Event()
        patch.setattr(socket, "getaddrinfo", self._look_up)

    def _look_up(self, host: str, *given: object, **more: object) -> object:
        self.asked.append(host)
        if host == "black.example":
            self.speak.wait(10)
        return FOUND


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Names:
    return Names(monkeypatch)


def test_the_system_resolves_names_and_says_nothing_of_those_without_address() -> None:
    resolver = SystemResolver()

    assert "127.0.0.1" in resolver.resolve("localhost", 80)
    assert resolver.resolve("nowhere.invalid", 80) == []
    assert resolver.resolve("x" * 300, 80) == []


def test_a_look_up_that_takes_too_long_finds_nothing(names: Names) -> None:
    assert SystemResolver(0.05).resolve("black.example", 80) == []
    names.speak.set()


def test_a_name_that_nobody_answers_takes_one_thread_and_leaves_the_others_theirs(
    names: Names, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resolving, "AT_ONCE", 2)
    resolver = SystemResolver(0.1)

    with ThreadPoolExecutor(10) as attempts:
        found = list(attempts.map(lambda n: resolver.resolve("black.example", n), range(10)))

    assert found == [[]] * 10
    assert names.asked == ["black.example"]
    assert resolver.resolve("good.example", 443) == ["93.184.215.14"]
    names.speak.set()


def test_who_waits_for_anothers_look_up_gets_its_answer_and_the_next_one_looks_anew(
    names: Names,
) -> None:
    resolver = SystemResolver()
    with ThreadPoolExecutor(3) as attempts:
        waiting = [attempts.submit(resolver.resolve, "black.example", 443) for _ in range(3)]
        time.sleep(0.05)
        names.speak.set()
        assert [one.result(5) for one in waiting] == [["93.184.215.14"]] * 3
    assert names.asked == ["black.example"]

    assert resolver.resolve("black.example", 443) == ["93.184.215.14"]
    assert names.asked == ["black.example"] * 2

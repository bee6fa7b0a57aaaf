"""What fault tests stand on: the clients' ledger, clients that repeat, and faults in workers."""

from __future__ import annotations

import importlib.util
import threading
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.fault import hooks, plan, report
from tests.fault.checker import Finding, Kind
from tests.fault.hooks import Hooks
from tests.fault.ledger import Ledger
from tests.fault.load import Client, Message
from tests.fault.watching import Verdict

pytestmark = [pytest.mark.req("RNF-002"), pytest.mark.req("RNF-003")]


class Front:
    """Accepts all but the first of each request, and breaks every third one."""

    def __init__(self, stopping: threading.Event, requests: int) -> None:
        self.asked: list[list[str]] = []
        self._stopping, self._requests = stopping, requests

    def __call__(self, messages: Sequence[Message]) -> set[str]:
        ids = [message["message_id"] for message in messages]
        self.asked.append(ids)
        if len(self.asked) >= self._requests:
            self._stopping.set()
        if len(self.asked) % 3 == 2:
            raise ConnectionResetError
        return set(ids if len(self.asked) % 3 == 0 else ids[1:])


def test_a_client_repeats_what_was_not_accepted_before_it_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.fault.load.PAUSE", 0.0)
    stopping, ledger = threading.Event(), Ledger(tmp_path / "ledger")
    front = Front(stopping, requests=6)

    Client("one", front, ledger, ["c"], stopping, seed=1, at_once=3).run()

    first, broken, repeated, *_ = front.asked
    assert broken == repeated == first[:1]
    sent = ledger.read()
    assert [s.message_id for s in sent] == [*first, *front.asked[3]]
    assert [s.turn for s in sent] == [1, 1, 1, 4, 4, 4]  # repeated: no order within a request
    assert all(s.accepted for s in sent)


def test_what_was_not_answered_by_then_is_not_accepted(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger")
    ledger.trying("one", "c", ["m-1", "m-2"])
    ledger.answered({"m-1": 1})

    assert [(s.message_id, s.accepted) for s in ledger.read()] == [("m-1", True), ("m-2", False)]
    assert not any(s.accepted for s in ledger.read(until=0))


def test_a_worker_is_throttled_and_its_clock_is_wrong_while_the_file_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CHAT4ALL_FAULTS", raising=False)  # or this process were changed
    where = hooks.FOLDER / "sitecustomize.py"
    spec = importlib.util.spec_from_file_location("worker_hooks", where)
    assert spec is not None
    assert spec.loader is not None
    worker = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(worker)
    monkeypatch.setattr(worker, "LOOK_EVERY", 0.0)
    monkeypatch.setenv("CHAT4ALL_FAULTS", str(tmp_path / "faults.json"))
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "route-message")
    faults = Hooks(tmp_path)
    table = boto3.Session("k", "k", region_name="us-east-1").client("dynamodb")
    table.meta.events.register("before-send.dynamodb", worker.throttle)

    faults.say(throttle={"*": 1.0}, clock={"route-message": 300.0, "*": 1.0})

    with pytest.raises(ClientError) as refused:
        table.get_item(TableName="t", Key={"pk": {"S": "1"}})
    assert refused.value.response["Error"]["Code"] == "ProvisionedThroughputExceededException"
    assert worker.fault("clock") == 300.0
    faults.none()
    assert (worker.fault("throttle"), worker.fault("clock")) == (0.0, 0.0)


def test_every_scenario_has_a_name_of_its_own_and_those_that_are_asked_for_are_run() -> None:
    names = [scenario.name for scenario in (*plan.LONG, *plan.SHORT)]

    assert len(set(names)) == len(plan.LONG) + 1  # one is in the short version only
    assert [s.name for s in plan.chosen(False, ["POISON"])] == ["poison in every FIFO queue"]
    assert plan.chosen(True, None) == list(plan.SHORT)


def test_the_report_replaces_the_table_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "faults.md"
    page.write_text(f"before\n{report.BEGIN}\nold\n{report.END}\nafter\n")
    monkeypatch.setattr(report, "PAGE", page)
    lost = Finding(Kind.LOST, "c", "m-1", "accepted")
    verdict = Verdict("a fault", 9, Counter(READ=8), [lost], repeated=0, recovery=1.4)

    report.write([verdict], 60)

    text = page.read_text()
    assert text.startswith(f"before\n{report.BEGIN}\n9 messages in 1 minutes; ")
    assert "| a fault | 9 | 0 | 8 | 0 | 0 | 1 | 0 | 0 | 0 | 0 | 1 |" in text
    assert text.endswith(f"{report.END}\nafter\n")
    assert report.wrongs(verdict) == ["lost in c: m-1 accepted"]
    assert "old" not in text

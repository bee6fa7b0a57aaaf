"""The exporter: what it makes of log lines, of the emulator's queues and of processes."""

from __future__ import annotations

import asyncio
import json
import os
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from chat4all import metrics
from chat4all.metrics import Metric, count, observe
from infra.local import emulator_metrics, observing, up
from infra.local.emulator_metrics import QUEUES, keep_metrics, tell_queues
from infra.local.home import Home, StackError
from infra.local.observe_read import LARGEST, Counted, Tail
from infra.local.observe_stack import Dollars, Processes, Queues
from infra.local.running import Addresses
from tests.support.emf import Reading

pytestmark = pytest.mark.req("RNF-008")
STAGE = "local"


def counting(channels: tuple[str, ...] = ("whatsapp",)) -> tuple[CollectorRegistry, Counted]:
    registry = CollectorRegistry()
    return registry, Counted(registry, STAGE, channels)


def lines_of(capsys: pytest.CaptureFixture[str]) -> list[str]:
    metrics.flush()
    return capsys.readouterr().out.splitlines()


def test_what_a_function_counts_is_what_prometheus_sees(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Reading(capsys)
    registry, counted = counting()
    count(Metric.PROCESSED, 3, stage="sent", channel="whatsapp")
    observe(Metric.LATENCY, 150, segment="accept")
    observe(Metric.BREAKER, 1, channel="whatsapp")

    for line in [*lines_of(capsys), "START RequestId: 1", '{"message":"routed"}', "{no JSON"]:
        counted.note(line)

    sent = {"stage": "sent", "channel": "whatsapp"}
    accept = {"segment": "accept", "channel": ""}
    assert registry.get_sample_value("messages_processed_total", sent) == 3
    assert registry.get_sample_value("latency_ms_sum", accept) == 150
    assert registry.get_sample_value("latency_ms_bucket", accept | {"le": "100.0"}) == 0
    assert registry.get_sample_value("latency_ms_bucket", accept | {"le": "200.0"}) == 1
    assert registry.get_sample_value("breaker_open", {"channel": "whatsapp"}) == 1


def test_counters_are_there_before_anything_happens() -> None:
    registry, _ = counting()

    failed = {"stage": "failed", "channel": "whatsapp"}
    assert registry.get_sample_value("messages_processed_total", failed) == 0
    assert registry.get_sample_value("webhook_attempts_total", {"outcome": "given_up"}) == 0
    accept = {"segment": "accept", "channel": "", "le": "+Inf"}
    assert registry.get_sample_value("latency_ms_bucket", accept) == 0


def test_invocations_are_counted_by_function() -> None:
    registry, counted = counting()

    for failed in (False, True):
        told = {"function": "chat4all-local-http-api", "duration_ms": 20, "error": failed}
        counted.note(json.dumps(told))

    function = {"function": "http-api"}
    assert registry.get_sample_value("function_duration_ms_count", function) == 2
    assert registry.get_sample_value("function_duration_ms_sum", function) == 40
    assert registry.get_sample_value("function_errors_total", function) == 1


def test_a_tail_gives_whole_lines_once_and_follows_a_file_that_begins_anew(tmp_path: Path) -> None:
    file = tmp_path / "log"
    tail = Tail(file)
    assert list(tail.lines()) == []

    file.write_text("one\ntw")
    assert list(tail.lines()) == ["one"]
    with file.open("a") as more:
        more.write("o\n")
    assert list(tail.lines()) == ["two"]
    file.write_text("new\n")
    assert list(tail.lines()) == ["new"]


def test_a_large_file_is_emptied_once_it_is_read(tmp_path: Path) -> None:
    file = tmp_path / "metrics"
    tail = Tail(file)
    file.write_bytes(b"x" * LARGEST + b"\n")
    tail.skip()

    tail.renew()

    assert file.stat().st_size == 0
    file.write_text("next\n")
    assert list(tail.lines()) == ["next"]


def emitting(file: Path) -> tuple[Any, list[str]]:
    logged: list[str] = []

    def emit(function: Any, request_id: str, text: str, error: bool, duration_ms: int) -> None:
        logged.append(text)

    service = SimpleNamespace(_emit_lambda_logs=emit)
    keep_metrics(service, file)
    return service, logged


def test_the_emulator_writes_metrics_while_somebody_reads_them(tmp_path: Path) -> None:
    service, logged = emitting(tmp_path / "metrics")
    function = {"config": {"FunctionName": "chat4all-local-http-api"}}
    text = '{"message":"accepted"}\n{"_aws":{},"latency_ms":[1]}'

    service._emit_lambda_logs(function, "r", text, False, 7)
    assert not (tmp_path / "metrics").exists(), "nobody observes"
    (tmp_path / "metrics").touch()
    service._emit_lambda_logs(function, "r", text, False, 7)

    counted, ended = map(json.loads, (tmp_path / "metrics").read_text().splitlines())
    assert counted == {"_aws": {}, "latency_ms": [1]}
    assert ended == {"function": "chat4all-local-http-api", "duration_ms": 7, "error": False}
    assert logged == [text, text]


def test_a_file_that_nobody_empties_any_more_does_not_grow_for_ever(tmp_path: Path) -> None:
    service, logged = emitting(tmp_path / "metrics")
    (tmp_path / "metrics").touch()
    os.truncate(tmp_path / "metrics", emulator_metrics.LARGEST)

    service._emit_lambda_logs({"FunctionName": "f"}, "r", "", False, 7)

    assert (tmp_path / "metrics").stat().st_size == emulator_metrics.LARGEST
    assert logged == [""], "logs are kept as ever"
    assert emulator_metrics.LARGEST > LARGEST, "the exporter is first"


def asked(app: Any, path: str) -> list[dict[str, Any]]:
    answers: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        answers.append(message)

    asyncio.run(app({"type": "http", "path": path}, None, send))
    return answers


def test_the_emulator_tells_how_its_queues_stand() -> None:
    now = time.time()
    messages = [
        {"sent_at": now - 9, "visible_at": now - 9, "receive_count": 0},
        {"sent_at": now - 5, "visible_at": now + 60, "receive_count": 1},
        {"sent_at": now - 1, "visible_at": now + 60, "receive_count": 0},
    ]
    queues = {
        "a": {"name": "inbound.fifo", "messages": messages},
        "b": {"name": "no", "messages": []},
    }

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"status": 404})

    telling = tell_queues(app, SimpleNamespace(_queues=SimpleNamespace(_data=queues)))

    found = json.loads(asked(telling, QUEUES)[1]["body"])
    assert found["inbound.fifo"].pop("oldest") == pytest.approx(9, abs=1)
    assert found["inbound.fifo"] == {"visible": 1, "in_flight": 1, "delayed": 1}
    assert found["no"]["oldest"] == 0
    assert asked(telling, "/anything") == [{"status": 404}]


class Standing(Queues):
    """An emulator that answers with what it is given."""

    def __init__(self, found: dict[str, dict[str, float]] | None) -> None:
        super().__init__("http://127.0.0.1:1", STAGE)
        self._found = found

    def _standing(self) -> dict[str, dict[str, float]] | None:
        return self._found


def test_queues_go_by_their_short_names_and_dead_letters_apart() -> None:
    some = {"visible": 2.0, "in_flight": 1.0, "delayed": 0.0, "oldest": 4.0}
    registry = CollectorRegistry()

    registry.register(
        Standing(
            {
                "chat4all-local-inbound.fifo": some,
                "chat4all-local-dead-channel-whatsapp.fifo": some,
                "another": some,
            }
        )
    )

    assert registry.get_sample_value("queue_age_seconds", {"queue": "inbound"}) == 4
    visible = {"queue": "inbound", "state": "visible"}
    assert registry.get_sample_value("queue_depth", visible) == 2
    assert registry.get_sample_value("dead_letters", {"queue": "channel-whatsapp"}) == 3
    assert registry.get_sample_value("stack_up") == 1
    assert b"another" not in generate_latest(registry)


def test_an_emulator_that_is_down_is_told() -> None:
    registry = CollectorRegistry()
    registry.register(Queues("http://127.0.0.1:1", STAGE))

    assert registry.get_sample_value("stack_up") == 0


def test_a_process_is_told_with_its_children(tmp_path: Path) -> None:
    own = {"name": "emulator", "pid": os.getpid(), "arguments": []}
    home = Home(tmp_path)
    home.write("local.json", {"processes": [own]})
    registry = CollectorRegistry()

    registry.register(Processes(home))

    emulator = {"process": "emulator"}
    assert (registry.get_sample_value("stack_cpu_seconds", emulator) or 0) > 0
    assert (registry.get_sample_value("stack_memory_bytes", emulator) or 0) > 10**7


def test_up_says_where_metrics_are_and_what_prometheus_needs(
    capsys: pytest.CaptureFixture[str],
) -> None:
    fields = {field: "" for field in Addresses.__dataclass_fields__}

    up.show(Addresses(**fields))
    without = capsys.readouterr().out
    up.show(Addresses(**{**fields, "metrics_url": "http://127.0.0.1:9464/metrics"}))

    assert "metrics" not in without
    told = capsys.readouterr().out
    assert "http://127.0.0.1:9464/metrics" in told
    assert "apt-get install prometheus" in told


def test_another_emulator_is_refused(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.write("local.json", {"emulator": "localstack"})

    with pytest.raises(StackError, match="MiniStack"):
        observing.observe(home)


def test_dollars_are_those_of_the_journey_that_test_cost_counts() -> None:
    registry, counted = counting()
    stages = {"accepted": "api", "routed": "api"} | dict.fromkeys(
        ("sent", "delivered", "read"), "whatsapp"
    )
    for stage, channel in stages.items():
        counted._metrics["messages_processed_total"].labels(stage, channel).inc(10)
    dollars = CollectorRegistry()

    dollars.register(Dollars(registry))

    table = dollars.get_sample_value("estimated_dollars_per_million", {"part": "table"})

    assert table == pytest.approx(11 * 0.625 + 9 * 0.125)


def test_nobody_knows_what_no_message_costs() -> None:
    registry, _ = counting()
    dollars = CollectorRegistry()

    dollars.register(Dollars(registry))

    assert dollars.get_sample_value("estimated_dollars_per_million", {"part": "table"}) is None

"""`up --observe`: what is sent is counted, and told in Prometheus' words at one address."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from infra.local import observing
from infra.local.client import Api, Sandbox, wait_until
from infra.local.home import Home
from infra.local.running import Addresses
from tests.e2e.conftest import People
from tests.support.over_grpc import GrpcApi

pytestmark = pytest.mark.req("RNF-008")
MESSAGES = 5


class Scraped:
    """What one address says, compared with what it said before."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._before = self._samples()

    def _samples(self) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
        text = httpx.get(self._url, timeout=10).raise_for_status().text
        return {
            (sample.name, frozenset(sample.labels.items())): sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
        }

    def rise(self, name: str, **labels: str) -> float:
        key = (name, frozenset(labels.items()))
        return self._samples().get(key, 0) - self._before.get(key, 0)

    def now(self, name: str, **labels: str) -> float | None:
        return self._samples().get((name, frozenset(labels.items())))


@pytest.fixture(scope="module")
def urls(stack: Addresses) -> Iterator[dict[str, str]]:
    home = Home(Path(stack.home))
    yield observing.observe(home)
    observing.stop(home)


@pytest.fixture
def scraped(urls: dict[str, str]) -> Scraped:
    return Scraped(urls["metrics_url"])


def soon(looked: Callable[[], bool]) -> None:
    wait_until(lambda: looked() or None, "metrics", 60)


def test_each_stage_counts_what_was_sent(api: Api, people: People, scraped: Scraped) -> None:
    (ana, _), (bruno, _) = people.on(), people.on("whatsapp")
    conversation = api.conversation(ana, bruno)

    for number in range(MESSAGES):
        message_id = api.send(conversation, ana, f"{number}")
    api.wait_for_status(message_id, "READ", seconds=60)

    def stage(name: str, channel: str) -> float:
        return scraped.rise("messages_processed_total", stage=name, channel=channel)

    soon(lambda: stage("read", "whatsapp") >= MESSAGES)
    stages = {name: stage(name, "api") for name in ("accepted", "routed")}
    stages |= {name: stage(name, "whatsapp") for name in ("sent", "delivered", "read", "failed")}
    assert stages == dict.fromkeys(stages, MESSAGES) | {"failed": 0}
    assert scraped.rise("latency_ms_count", segment="accept", channel="") == MESSAGES
    for segment in ("accept_to_provider", "accept_to_delivered"):
        assert scraped.rise("latency_ms_count", segment=segment, channel="whatsapp") == MESSAGES
        assert scraped.rise("latency_ms_sum", segment=segment, channel="whatsapp") > 0
    parts = ("table", "functions", "queues", "gateway")
    dollars = [scraped.now("estimated_dollars_per_million", part=part) or 0 for part in parts]
    assert all(0 < part < 1000 for part in dollars)


def test_a_provider_that_fails_shows_in_errors_and_retries(
    api: Api, sandbox: Sandbox, people: People, scraped: Scraped
) -> None:
    (ana, _), (bruno, at) = people.on(), people.on("whatsapp")
    sandbox.fault("whatsapp", "error", count=1, code=131056, address=at["whatsapp"])

    api.send(api.conversation(ana, bruno), ana, "hello")

    throttled = {"channel": "whatsapp", "code": "provider_throttles"}
    soon(lambda: scraped.rise("connector_errors_total", **throttled) == 1)
    assert scraped.rise("retries_total", step="deliver") == 1
    assert scraped.now("breaker_open", channel="whatsapp") == 0
    soon(lambda: scraped.rise("messages_processed_total", stage="sent", channel="whatsapp") == 1)


def test_what_comes_over_grpc_is_counted_as_well(
    over_grpc: GrpcApi, people: People, scraped: Scraped
) -> None:
    (ana, _), (bruno, _) = people.on(), people.on("whatsapp")

    over_grpc.send(over_grpc.conversation(ana, bruno), ana, "hello")

    soon(lambda: scraped.rise("messages_processed_total", stage="accepted", channel="api") == 1)


def test_queues_and_processes_are_told(stack: Addresses, scraped: Scraped) -> None:
    assert scraped.now("stack_up") == 1
    for queue in ("inbound", "channel-whatsapp", "attempts"):
        assert scraped.now("queue_depth", queue=queue, state="visible") is not None
        assert scraped.now("queue_age_seconds", queue=queue) is not None
    assert scraped.now("dead_letters", queue="relay") == 0
    assert (scraped.now("stack_cpu_seconds", process="emulator") or 0) > 0


def test_prometheus_reads_it_where_there_is_one(urls: dict[str, str]) -> None:
    if "prometheus_url" not in urls:
        pytest.skip(observing.HOW)
    api = f"{urls['prometheus_url']}/api/v1"

    def up() -> bool:
        answer = httpx.get(f"{api}/query", params={"query": "stack_up"}).json()
        return [found["value"][1] for found in answer["data"]["result"]] == ["1"]

    soon(up)
    rules = httpx.get(f"{api}/rules").json()["data"]["groups"][0]["rules"]
    written = (observing.CONFIG / "alerts.yml").read_text()
    assert [rule["name"] for rule in rules] == re.findall(r"- alert: (\w+)", written)
    assert {rule["health"] for rule in rules} <= {"ok", "unknown"}

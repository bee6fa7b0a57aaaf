"""Bodies of providers, spoilt in every way: nothing of ours falls over, nothing beside is lost."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chat4all.delivery import InboundUpdate, StatusUpdate
from tests.support.fuzzed_callbacks import CHANNELS, corpus, expected_updates, parsed, seeds, stands
from tests.support.mutations import Path, as_bytes, spoilt, torn

pytestmark = pytest.mark.req("RNF-009")
bounded = settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

LISTS = {
    ("whatsapp", "messages"): {"from", "id", "timestamp", "type"},
    ("whatsapp", "statuses"): {"id", "status", "timestamp"},
    ("instagram", "messaging"): {
        *("sender", "recipient", "timestamp", "message", "read"),
        *("id", "mid", "is_echo", "is_deleted"),
    },
    ("echo", "messages"): {"message", "from", "to", "text", "at"},
    ("echo", "statuses"): {"message", "status", "at"},
}
"""Where each channel has its updates, and what one must have, wherever that stands in it."""


def items(channel: str, where: str) -> list[Any]:
    """All of a list's items in the corpus that say something to us."""
    found: list[Any] = []

    def look(value: Any) -> None:
        if isinstance(value, dict):
            found.extend(value.get(where, []))
        for inner in value.values() if isinstance(value, dict) else value:
            if isinstance(inner, dict | list):
                look(inner)

    look(seeds(channel))
    return [item for item in found if read_of(channel, where, item)]


def body_of(channel: str, where: str, *some: Any) -> dict[str, Any]:
    if channel == "echo":
        return {where: list(some)}
    if channel == "instagram":
        return {"object": "instagram", "entry": [{"id": "1", "messaging": list(some)}]}
    value = {"metadata": {"phone_number_id": "10550001111"}, where: list(some)}
    return {"object": "whatsapp", "entry": [{"changes": [{"field": "messages", "value": value}]}]}


def read_of(channel: str, where: str, *some: Any) -> list[StatusUpdate | InboundUpdate]:
    return list(parsed(channel, as_bytes(body_of(channel, where, *some))))


def test_of_every_body_that_is_kept_everything_is_read() -> None:
    found = {
        name: len(stands(name.split("/")[-2], raw))  # the folder is the channel
        for name, raw in corpus().items()
    }

    assert found == expected_updates()


@pytest.mark.parametrize("channel", CHANNELS)
@bounded
@given(st.data())
def test_a_spoilt_body_is_stood(channel: str, data: st.DataObject) -> None:
    body = data.draw(spoilt(data.draw(st.sampled_from(seeds(channel)))))

    stands(channel, as_bytes(body))


@pytest.mark.parametrize("channel", CHANNELS)
@bounded
@given(st.data())
def test_a_torn_body_is_stood(channel: str, data: st.DataObject) -> None:
    raw = data.draw(torn([as_bytes(body) for body in seeds(channel)]))

    stands(channel, raw)


@pytest.mark.parametrize(("channel", "where"), LISTS)
@bounded
@given(st.data())
def test_a_broken_update_takes_none_with_it(channel: str, where: str, data: st.DataObject) -> None:
    known = items(channel, where)
    first, last = (data.draw(st.sampled_from(known)) for _ in range(2))
    broken = data.draw(spoilt([data.draw(st.sampled_from(known))], most=4))

    found = stands(channel, as_bytes(body_of(channel, where, first, *broken, last)))

    expected = read_of(channel, where, first), read_of(channel, where, last)
    assert found[: len(expected[0])] == expected[0]
    assert found[-len(expected[1]) :] == expected[1]


@pytest.mark.parametrize(("channel", "where"), LISTS)
@bounded
@given(st.data())
def test_what_is_odd_beside_it_loses_no_update(
    channel: str, where: str, data: st.DataObject
) -> None:
    needed = LISTS[channel, where]
    whole = data.draw(st.sampled_from(items(channel, where)))
    odd = data.draw(spoilt(whole, keep=lambda path: kept(path, needed)))

    found = stands(channel, as_bytes(body_of(channel, where, odd)))

    [expected, *_] = read_of(channel, where, whole)
    assert expected.provider_id in [update.provider_id for update in found]
    assert {update.at for update in found} == {expected.at}


def kept(path: Path, needed: set[str]) -> bool:
    """What an update needs, and what that stands in."""
    inner = path[0] in ("sender", "recipient", "message", "read") and path[-1] in needed
    return (len(path) == 1 and path[0] in needed) or inner


def test_a_body_as_large_as_they_come_is_split_into_what_the_queue_takes() -> None:
    status = {"id": "w" * 500, "status": "failed", "timestamp": "1760000000"}
    status |= {"errors": [{"code": 1, "title": "é" * 300}], "biz_opaque_callback_data": "o" * 512}
    statuses = [{**status, "timestamp": str(1760000000 + n)} for n in range(1_000)]
    captions = [
        {
            **{"from": "5511", "id": f"wamid.{n}", "timestamp": "1", "type": "image"},
            "image": {"id": "1", "caption": "c" * 250_000, "filename": "f" * 250_000},
        }
        for n in range(2)
    ]

    body = body_of("whatsapp", "statuses", *statuses)
    body["entry"] += body_of("whatsapp", "messages", *captions)["entry"]

    assert len(stands("whatsapp", json.dumps(body, ensure_ascii=False).encode())) == 1_002

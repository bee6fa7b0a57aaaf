"""The relay is immune to whatever is stored: what cannot be told is put aside alone."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat4all.adapters.dynamodb.items import conversation_item, message_item
from chat4all.adapters.dynamodb.table import to_wire
from chat4all.bootstrap import parts
from chat4all.events.encoding import MAX_EVENT_BYTES
from relay_changes.handler import lambda_handler
from tests.builders import NOW, a_message, an_id
from tests.cloud import CONTEXT, Cloud, cloud
from tests.event_samples import CHANGES, GROUP, a_place

pytestmark = [pytest.mark.req("RF-009"), pytest.mark.req("RNF-003")]
HALF = "\ud800"


@pytest.fixture(scope="module")
def running() -> Iterator[Cloud]:
    with cloud() as made:
        yield made


@pytest.fixture
def stack(running: Cloud) -> Cloud:
    """Nothing is left of the test before."""
    running.events()
    running.dead_letters()
    return running


def a_record(
    new: dict[str, Any] | None,
    old: dict[str, Any] | None = None,
    number: int = 1,
    **attributes: Any,
) -> dict[str, Any]:
    """As the stream has it; `attributes` are on the wire as they are given."""
    change: dict[str, Any] = {"ApproximateCreationDateTime": NOW / 1000}
    if old is not None:
        change["OldImage"] = to_wire(old)
    if new is not None:
        change["NewImage"] = {**to_wire(new), **attributes}
    return {"eventID": str(number), "dynamodb": {**change, "SequenceNumber": str(number)}}


def a_conversation(number: int, **attributes: Any) -> dict[str, Any]:
    made = GROUP.model_copy(update={"conversation_id": an_id(number)})
    return a_record(conversation_item(made), number=number, **attributes)


def relayed(*records: dict[str, Any]) -> None:
    lambda_handler({"Records": list(records)}, CONTEXT)


def told(stack: Cloud) -> dict[str, Any]:
    """By conversation; the log has the same."""
    published = {e["data"]["conversation_id"]: e for e in stack.events()}
    logged = parts.event_log().read(None, until=parts.clock().now(), limit=10_000).events
    assert all(event in logged for event in published.values())
    return published


def test_half_a_surrogate_pair_holds_nothing_up(stack: Cloud) -> None:
    broken = {"S": json.dumps({"a": HALF, HALF: 1})}

    relayed(a_conversation(1), a_conversation(2, metadata=broken), a_conversation(3))

    found = told(stack)
    assert set(found) == {an_id(1), an_id(2), an_id(3)}
    assert found[an_id(2)]["data"]["metadata"] == {"a": "?", "?": 1}
    assert stack.dead_letters() == []


@pytest.mark.parametrize(
    "attribute",
    [
        {"metadata": {"S": '{"a": NaN}'}},
        {"metadata": {"S": '{"a": -Infinity}'}},
        {"metadata": {"S": json.dumps({"a": "x" * MAX_EVENT_BYTES})}},
        {"metadata": {"S": "[" * 100_000}},
        {"metadata": {"S": "{"}},
        {"metadata": {"N": "1.5"}},
        {"type": {"N": "1.5"}},
        {"type": {"B": b"x"}},
        {"members": {"L": [{"S": "a"}, {"N": "1"}]}},
        {"pk": {"S": f"CONV#{HALF}"}},
    ],
    ids=str,
)
def test_what_cannot_be_told_is_put_aside_alone(stack: Cloud, attribute: dict[str, Any]) -> None:
    relayed(a_conversation(1), a_conversation(2, **attribute), a_conversation(3))

    assert set(told(stack)) == {an_id(1), an_id(3)}
    assert [letter["eventID"] for letter in stack.dead_letters()] == ["2"]


def test_a_record_of_two_events_that_cannot_be_told_is_put_aside_once(stack: Cloud) -> None:
    place = a_place(origin="x" * MAX_EVENT_BYTES, plan=())
    long = {"S": "x" * MAX_EVENT_BYTES}

    relayed(a_record(place, sender=long))

    assert told(stack) == {}
    assert [letter["eventID"] for letter in stack.dead_letters()] == ["1"]


@pytest.mark.parametrize(
    "attribute",
    [
        {"payload": '{"type":"template","name":"a","language":"pt","parameters":["\\ud800"]}'},
        {"payload": "{"},
        {"accepted_at": 10**30},
        {"accepted_at": 10**20},
    ],
    ids=str,
)
def test_a_message_whose_content_is_broken_is_told_without_it(
    stack: Cloud, attribute: dict[str, Any]
) -> None:
    item = {**message_item(a_message(1)), **attribute}
    parts.table().client.put_item(TableName=parts.table().name, Item=to_wire(item))

    relayed(a_record(a_place()))

    [event] = stack.events()
    assert (event["type"], event["data"]["payload"]) == ("message.accepted", None)
    assert stack.dead_letters() == []


def test_a_file_is_told_whatever_it_is_called(stack: Cloud) -> None:
    item = message_item(a_message(1))
    file = {"type": "file", "file_id": an_id(5), "filename": HALF, "content_type": "a/b"}
    put = {**item, "payload": json.dumps(file)}
    parts.table().client.put_item(TableName=parts.table().name, Item=to_wire(put))

    relayed(a_record(a_place()))

    [event] = stack.events()
    assert event["data"]["payload"]["filename"] == "?"


def test_an_attribute_of_the_topic_is_text_whatever_was_planned(stack: Cloud) -> None:
    marked = a_record(a_place(), a_place(), **{"sent#0": {"N": str(NOW)}})
    for channel in (f'"{HALF}"', "7", '{"a": 1}'):
        plan = f'[{{"user_id": "bo", "channel": {channel}}}]'
        marked["dynamodb"]["NewImage"]["plan"] = {"S": plan}
        relayed(marked)

    assert [e["data"]["channel"] for e in stack.events()] == ["?", 7, {"a": 1}]


SAMPLES = [a_record(new, old, number) for number, (old, new, _) in enumerate(CHANGES) if new or old]
ODD = [
    {"S": HALF},
    {"S": ""},
    {"S": "7"},
    {"S": '{"a": NaN}'},
    {"S": '{"a": "\\ud800"}'},
    {"S": "[{}]"},
    {"S": "[" * 10_000},
    {"S": "x" * 50_000},
    {"S": "\uffff\ufffe\x00"},
    {"S": "https://[broken"},
    {"N": "1E+30"},
    {"N": "100000000000000000000"},
    {"N": "-1.5"},
    {"B": b"x"},
    {"NULL": True},
    {"BOOL": False},
    {"L": [{"S": HALF}]},
    {"SS": [HALF, "a"]},
    {"M": {"a": {"N": "1.5"}}},
    {"odd": 1},
]


@given(record=st.sampled_from(SAMPLES), data=st.data())
def test_whatever_an_attribute_holds_the_others_go_on(
    running: Cloud, record: dict[str, Any], data: Any
) -> None:
    broken = copy.deepcopy(record)
    image = broken["dynamodb"].get("NewImage") or broken["dynamodb"]["OldImage"]
    for name in data.draw(st.sets(st.sampled_from(sorted(image)), min_size=1, max_size=3)):
        image[name] = data.draw(st.sampled_from(ODD))

    relayed(broken, a_conversation(3))

    published, aside = running.events(), running.dead_letters()
    assert an_id(3) in [e["data"].get("conversation_id") for e in published]
    assert len(aside) <= 1

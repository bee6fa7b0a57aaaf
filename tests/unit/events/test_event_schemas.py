"""Every event that is made fits the schema of its type, and says nothing that is not in it."""

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from chat4all.events import LOGGED, TRANSIENT, TYPES, Event, accepted_event, filled
from chat4all.events.data import MODELS
from chat4all.events.schemas import definitions, described, name_of, schema
from chat4all.events.types import ENDPOINT_TEST
from chat4all.message import FileContent, TemplatePayload, UnsupportedPayload
from chat4all.receipts import Failure, Mark
from tests.builders import NOW, a_message, an_id, text
from tests.event_samples import CHANGES, PLACE, a_place, events

pytestmark = pytest.mark.req("RF-009")
MARKED = {(0, mark): NOW for mark in Mark} | {(1, Mark.FAILED): NOW}
FAILED = {1: Failure(code="131026", reason="not on WhatsApp")}
A_FILE = FileContent(type="file", file_id=an_id(5), filename="a", content_type="image/png")
CONTENTS = [
    None,
    a_message(),
    a_message(metadata={"order": 7}),
    a_message(body_until=NOW + 86_400_000),
    a_message(payload=A_FILE),
    a_message(payload=UnsupportedPayload(type="unsupported", kind="sticker")),
    a_message(payload=TemplatePayload(type="template", name="a", language="pt_BR")),
    a_message(payload=text("\x01" * 4096)),
]
OTHERS = [
    {"type": "typing", "data": {"conversation_id": an_id(9), "user_id": "bo", "typing": True}},
    {"type": ENDPOINT_TEST, "data": {"webhook_id": an_id(6), "message": "A test."}},
]


def made() -> list[Event]:
    told = [event for old, new, _ in CHANGES for event in events(old, new)]
    told += events(None, a_place(origin="whatsapp", times=MARKED, failures=FAILED))
    messages = [e for e in told if e["type"] in ("message.accepted", "message.received")]
    told = [e for e in told if e not in messages]
    told += [filled(event, message) for event in messages for message in CONTENTS]
    like = {"id": told[0]["id"], "timestamp": told[0]["timestamp"]}
    return told + [{**like, **other} for other in OTHERS]


def wrong(event: Event) -> list[str]:
    found = Draft202012Validator(schema(event["type"])).iter_errors(event)
    return [error.message for error in found]


@pytest.mark.parametrize("event", made(), ids=lambda event: event["type"])
def test_it_fits(event: Event) -> None:
    assert wrong(json.loads(json.dumps(event))) == []


@pytest.mark.parametrize("event", made(), ids=lambda event: event["type"])
def test_all_that_it_says_is_described(event: Event) -> None:
    fields = schema(event["type"])["properties"]["data"]["properties"]

    assert set(event["data"]) <= set(fields)
    assert set(event) == {"id", "type", "timestamp", "data"}


def test_every_type_was_tried() -> None:
    assert {event["type"] for event in made()} == {*TYPES, ENDPOINT_TEST} == set(MODELS)
    assert set(LOGGED).isdisjoint(TRANSIENT)


@pytest.mark.parametrize("kind", MODELS)
def test_a_schema_is_one_and_tells_its_version(kind: str) -> None:
    found = schema(kind)

    Draft202012Validator.check_schema(found)
    assert found["$id"] == f"urn:chat4all:event:{kind}:1"
    assert found["description"] == described(kind) != ""
    assert "additionalProperties" not in json.dumps(found).replace(
        '"additionalProperties": true', ""
    )


@pytest.mark.parametrize(
    "changed",
    [
        {"type": "message.sent"},
        {"timestamp": 7},
        {"data": {}},
        {"data": {"conversation_id": an_id(9), "user_id": "bo", "up_to_seq": 0}},
    ],
)
def test_what_does_not_fit_is_found(changed: dict[str, Any]) -> None:
    data = {"conversation_id": an_id(9), "user_id": "bo", "up_to_seq": 7}
    event = {"id": "1", "type": "conversation.read", "timestamp": "t", "data": data}
    validator = Draft202012Validator(schema("conversation.read"))

    assert list(validator.iter_errors(event)) == []
    assert list(validator.iter_errors({**event, **changed}))


def test_the_definitions_refer_to_each_other() -> None:
    found = definitions("#/$defs/{model}")

    event = accepted_event(PLACE, a_message())
    whole = {"$ref": f"#/$defs/{name_of('message.accepted')}", "$defs": found}
    assert list(Draft202012Validator(whole).iter_errors(event)) == []
    assert list(Draft202012Validator(whole).iter_errors({**event, "data": {}}))


def test_a_payload_over_16_kb_is_left_out_and_the_event_stays_under_20() -> None:
    metadata = {"m" * 60 + str(n): "é" * 20 for n in range(10)}
    long = a_message(payload=text("\x01" * 4096), metadata=metadata)
    longest = a_message(payload=text("✓" * 4096), metadata=metadata)

    omitted, whole = accepted_event(PLACE, long), accepted_event(PLACE, longest)

    assert omitted["data"]["payload"] is None
    assert omitted["data"]["payload_omitted"] is True
    assert whole["data"]["payload"]["text"] == "✓" * 4096
    for event in (omitted, whole):
        assert len(json.dumps(event, ensure_ascii=False).encode()) < 20_000

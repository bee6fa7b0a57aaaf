"""The judgement at the end of a run."""

from __future__ import annotations

import pytest

from tests.fault.checker import Entry, Event, Finding, Kind
from tests.load.records import Asked
from tests.load.tally import Passage
from tests.load.verdict import by_subscriber, message_in, overtaken, passages, totals

pytestmark = pytest.mark.req("RNF-001")
ID = "3f0e8c1a-5f43-4a58-9e1c-0a7d5f0c2b11"

OTHER = "https://files.example/00000000-0000-4000-8000-000000000001"


def asked(message_id: str, began: float, ended: float, status: int = 202) -> Asked:
    return Asked(message_id, "c-1", due=began, began=began, ended=ended, status=status)


def history(*message_ids: str) -> dict[str, list[Entry]]:
    return {"c-1": [Entry(m, seq, "READ") for seq, m in enumerate(message_ids, 1)]}


def test_a_message_behind_one_that_was_asked_for_after_its_answer_is_out_of_order() -> None:
    both = [asked("first", 1.0, 2.0), asked("second", 3.0, 4.0)]

    assert not list(overtaken(both, history("first", "second")))
    [finding] = overtaken(both, history("second", "first"))
    assert (finding.kind, finding.message_id) == (Kind.ORDER, "first")


def test_two_that_were_under_way_together_may_stand_in_either_order() -> None:
    both = [asked("first", 1.0, 3.0), asked("second", 2.0, 4.0)]

    assert not list(overtaken(both, history("second", "first")))


def test_what_was_not_stored_has_no_place_to_keep() -> None:
    both = [asked("first", 1.0, 2.0, status=503), asked("second", 3.0, 4.0)]

    assert not list(overtaken(both, history("second", "first")))


@pytest.mark.parametrize(
    "item",
    [
        {"id": "p-1", "text": f"{ID} xxx", "body": {}},
        {"id": "p-1", "text": f"Agent: {ID} xxx", "body": {}},
        {"id": "p-1", "text": None, "body": {"image": {"caption": ID}}},
        {"id": "p-1", "text": "", "body": {"link": OTHER}, "media": {"caption": ID}},
    ],
)
def test_our_id_is_found_in_what_a_person_got(item: dict[str, object]) -> None:
    assert message_in(item) == ID


def test_what_has_no_id_of_ours_is_told_apart() -> None:
    assert message_in({"id": "p-7", "text": "Hello", "body": {}}) == "unknown: p-7"


def test_an_inbox_tells_when_a_provider_had_a_message_first() -> None:
    def item(received: int, **statuses: int) -> dict[str, object]:
        return {"text": ID, "body": {}, "received_at": received, "statuses": statuses}

    found = passages({"whatsapp 1": [item(1000, sent=1100, read=1500), item(9000, read=9500)]})

    assert found == {ID: [Passage(1.0, 1.5)]}


def test_each_kind_of_finding_is_counted_none_left_out() -> None:
    findings = [Finding(Kind.LOST, "c-1", "m-1"), Finding(Kind.LOST, "c-1", "m-2")]

    found = totals(findings)

    assert found["lost"] == 2
    assert set(found) == set(map(str, Kind))
    assert sum(found.values()) == 2


def test_a_webhook_told_twice_under_one_id_is_one_event() -> None:
    told = [
        {"id": "e-1", "type": "message.accepted", "data": {"message_id": "m-1"}},
        {"id": "e-1", "type": "message.accepted", "data": {"message_id": "m-1"}},
        {"id": "e-2", "type": "message.accepted", "data": {"message_id": "m-1"}},
        {"id": "e-3", "type": "message.read", "data": {"message_id": "m-1"}},
    ]

    found = by_subscriber(told, "the webhook")

    assert found == {"the webhook": [Event("m-1", "e-1"), Event("m-1", "e-2")]}

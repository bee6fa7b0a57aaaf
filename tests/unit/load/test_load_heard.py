"""From events to how far a message has come."""

from __future__ import annotations

import pytest

from grpc_front.generated.chat4all.v1 import events_pb2 as events
from tests.load.heard import Heard, Mark
from tests.load.hearing import take

pytestmark = pytest.mark.req("RNF-001")


def test_a_message_is_read_when_the_last_recipient_has_read_it() -> None:
    heard = Heard()

    heard.note("m-1", "ana", Mark.READ, 3.0)
    heard.note("m-1", "bo", Mark.DELIVERED, 4.0)

    assert heard.reached("m-1", Mark.DELIVERED, 2) == 4.0
    assert heard.reached("m-1", Mark.READ, 2) is None
    assert not heard.over("m-1", 2)


def test_of_repeats_the_first_counts_and_a_later_mark_implies_the_earlier_ones() -> None:
    heard = Heard()

    heard.note("m-1", "ana", Mark.READ, 3.0)
    heard.note("m-1", "ana", Mark.READ, 9.0)
    heard.note("m-1", "ana", Mark.DELIVERED, 5.0)

    assert heard.reached("m-1", Mark.READ, 1) == 3.0
    assert heard.reached("m-1", Mark.DELIVERED, 1) == 3.0
    assert heard.over("m-1", 1)


def test_a_failure_ends_a_message_and_is_overtaken_by_a_report() -> None:
    heard = Heard()

    heard.note("m-1", "ana", Mark.FAILED, 2.0)
    heard.note("m-2", "ana", Mark.FAILED, 2.0)
    heard.note("m-2", "ana", Mark.DELIVERED, 3.0)

    assert heard.failed("m-1") == 2.0
    assert heard.failed("m-2") is None
    assert heard.over("m-1", 1)
    assert heard.reached("m-1", Mark.DELIVERED, 1) is None


def test_a_watermark_marks_all_places_up_to_it_those_told_later_included() -> None:
    heard = Heard()

    for seq in (1, 2, 4):
        heard.placed("c-1", seq, f"m-{seq}")
    heard.watermark("c-1", "bo", 4, Mark.READ, 7.0)
    heard.placed("c-1", 3, "m-3")
    heard.placed("c-1", 5, "m-5")
    heard.watermark("c-1", "bo", 5, Mark.READ, 9.0)

    read = [heard.reached(f"m-{seq}", Mark.READ, 1) for seq in range(1, 6)]
    assert read == [7.0, 7.0, 7.0, 7.0, 9.0]


def test_events_of_the_log_are_noted_and_others_passed_over() -> None:
    heard = Heard()
    read, placed, marked, other = (events.Event() for _ in range(4))
    read.message_read.message_id, read.message_read.user_id = "m-1", "ana"
    placed.message_accepted.message_id, placed.message_accepted.seq = "m-2", 1
    placed.message_accepted.conversation_id = "c-1"
    marked.conversation_read.conversation_id, marked.conversation_read.up_to_seq = "c-1", 1
    other.user_updated.SetInParent()

    for event in (read, placed, marked, other, events.Event()):
        take(heard, event, 5.0)

    assert heard.reached("m-1", Mark.READ, 1) == 5.0
    assert heard.reached("m-2", Mark.READ, 1) == 5.0

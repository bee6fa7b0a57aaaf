"""Frames, spoilt in every way: each is answered, in words of ours, and the connection stays."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from realtime_harness import RealtimeWorld

from chat4all.realtime.frames import MAX_FRAME_BYTES
from tests.builders import an_id
from tests.support.mutations import spoilt, torn

pytestmark = pytest.mark.req("RNF-009")
bounded = settings(
    max_examples=200,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
CONVERSATION = an_id(1)
MESSAGE = {
    "message_id": an_id(7),
    "conversation_id": CONVERSATION,
    "from": "ana",
    "to": ["bo"],
    "channels": ["whatsapp"],
    "payload": {"type": "text", "text": "olá"},
    "metadata": {"order": 7},
}
FRAMES: list[dict[str, Any]] = [
    {"action": "send", "request_id": "r", "message": MESSAGE},
    {"action": "read", "request_id": "r", "conversation_id": CONVERSATION, "up_to_seq": 1},
    {"action": "ack", "request_id": "r", "conversation_id": CONVERSATION, "up_to_seq": 1},
    {"action": "typing", "request_id": "r", "conversation_id": CONVERSATION, "typing": False},
    {"action": "ping", "request_id": "r"},
    {"action": "resume", "request_id": "r", "conversations": {CONVERSATION: 0}},
    {"action": "resume", "request_id": "r", "cursor": "x"},
    {"action": "renew", "request_id": "r", "token": "ana"},
]
ANSWERS = {"accepted", "ok", "pong", "resumed", "error"}


def answered(body: str) -> None:
    world = RealtimeWorld()
    ana = world.connect("ana")

    answers = world.says_raw(ana, body)

    assert len(answers) <= 1
    for answer in answers:
        assert answer["type"] in ANSWERS
        json.dumps(answer, ensure_ascii=False).encode()
        if answer["type"] == "error":
            assert answer["problem"]["status"] in (400, 401, 403, 404, 409, 413, 422)
    assert world.says_raw(ana, '{"action": "ping"}')[0]["type"] == "pong"


@bounded
@given(st.data())
def test_a_spoilt_frame_is_answered(data: st.DataObject) -> None:
    frame = data.draw(spoilt(data.draw(st.sampled_from(FRAMES))))

    answered(json.dumps(frame))


@bounded
@given(torn([json.dumps(frame).encode() for frame in FRAMES]))
def test_a_torn_frame_is_answered(raw: bytes) -> None:
    answered(raw.decode("utf-8", "replace"))


@bounded
@given(st.text(st.characters(), max_size=60) | st.text('{}[]":,\\au0', max_size=60))
def test_whatever_is_said_is_answered(text: str) -> None:
    answered(text)


@pytest.mark.parametrize("size", [MAX_FRAME_BYTES - 60, MAX_FRAME_BYTES + 1])
def test_so_is_a_frame_as_large_as_they_come(size: int) -> None:
    answered("[" * size)
    answered(json.dumps({"action": "ping", "request_id": "é" * (size // 6)}))

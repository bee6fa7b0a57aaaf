"""The largest page that there can be is an answer that clients take."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chat4all.api.requests import MAX_PAGE
from chat4all.conversation import MAX_MEMBERS
from chat4all.message import MAX_PARAMETER, MAX_TEXT, NewMessage, bounded_metadata
from grpc_front.converting import to_message
from grpc_front.generated.chat4all.v1 import messages_pb2
from grpc_front.services import MAX_ANSWER_BYTES
from tests.builders import an_id

pytestmark = pytest.mark.req("RF-008")
WIDE = "😀"
"""Four bytes of UTF-8, the most that a character can have."""
USERS = [f"{number:064d}" for number in range(MAX_MEMBERS)]
METADATA = {f"{WIDE}{number:03d}": n for number, n in zip(range(32), ["x" * 37] * 32, strict=True)}
TEXT = {"type": "text", "text": WIDE * MAX_TEXT}
TEMPLATE = {
    "type": "template",
    "name": "n" * 512,
    "language": "eng-Latn",
    "parameters": [WIDE * MAX_PARAMETER] * 4 + [""] * 28,
}


def the_largest(payload: dict[str, Any]) -> dict[str, Any]:
    message = {
        "message_id": an_id(1),
        "conversation_id": an_id(2),
        "from": USERS[0],
        "to": USERS,
        "channels": [f"c{number:031d}" for number in range(16)],
        "payload": payload,
        "metadata": METADATA,
    }
    NewMessage.model_validate(message)
    counts = dict.fromkeys(("PENDING", "SENT", "DELIVERED", "READ", "FAILED"), MAX_MEMBERS)
    time = "2026-11-23T00:00:00.000Z"
    shown = {"seq": 2**53, "origin": "c" * 32, "status": "DELIVERED", "counts": counts}
    recipients = [{"user_id": user, "status": "DELIVERED"} for user in USERS]
    return message | shown | {"recipients": recipients, "accepted_at": time, "sequenced_at": time}


@pytest.mark.parametrize("payload", [TEXT, TEMPLATE], ids=["text", "template"])
def test_a_page_of_the_largest_messages_is_an_answer(payload: dict[str, Any]) -> None:
    assert len(json.dumps(bounded_metadata(METADATA))) > 1_900
    page = {"messages": [the_largest(payload)] * MAX_PAGE, "next_cursor": "c" * 2_000}

    written = to_message(page, messages_pb2.MessagesListResponse()).SerializeToString()

    assert MAX_ANSWER_BYTES / 2 < len(written) < MAX_ANSWER_BYTES

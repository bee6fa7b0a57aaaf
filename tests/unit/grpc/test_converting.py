"""What the models say and what the .proto files say are the same, in both directions."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Any

import pytest
from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.struct_pb2 import Struct
from google.protobuf.timestamp_pb2 import Timestamp

from chat4all.errors import Invalid
from grpc_front.converting import from_message, to_event, to_message
from grpc_front.generated.chat4all.v1 import (
    audit_pb2,
    conversations_pb2,
    events_pb2,
    messages_pb2,
    types_pb2,
    users_pb2,
    webhooks_pb2,
)

pytestmark = pytest.mark.req("RF-008")


def a_struct(**fields: Any) -> Struct:
    struct = Struct()
    struct.update(fields)
    return struct


def a_new_message(**fields: Any) -> messages_pb2.NewMessage:
    return messages_pb2.NewMessage(
        conversation_id="c", payload=types_pb2.Payload(text={"text": "hi"}), **fields
    )


def test_a_message_is_read_as_rest_would_have_it() -> None:
    new = a_new_message(sender="ana", to=["bo"], metadata=a_struct(n=1, half=0.5, no=None, ok=True))

    assert from_message(new) == {
        "conversation_id": "c",
        "from": "ana",
        "to": ["bo"],
        "payload": {"type": "text", "text": "hi"},
        "metadata": {"n": 1, "half": 0.5, "no": None, "ok": True},
    }


def test_what_is_left_out_is_not_there() -> None:
    assert from_message(messages_pb2.NewMessage()) == {}


@pytest.mark.parametrize(
    "payload",
    [types_pb2.Payload(), types_pb2.Payload(unsupported={"kind": "x"})],
    ids=["none", "one that only comes from a channel"],
)
def test_a_payload_is_of_a_kind_that_can_be_sent(payload: types_pb2.Payload) -> None:
    with pytest.raises(Invalid, match=r"payload: there must be one of text, template, file"):
        from_message(messages_pb2.NewMessage(payload=payload))


def test_an_empty_text_of_an_optional_field_is_there() -> None:
    assert from_message(users_pb2.UsersPutRequest(user_id="a", name="")) == {
        "user_id": "a",
        "name": "",
    }


@pytest.mark.parametrize(
    ("sent", "read"),
    [(1.0, 1), (-3.0, -3), (2.0**53, 2**53), (0.1, 0.1), (1e300, 1e300), (-0.0, 0)],
)
def test_a_whole_number_is_one_as_far_as_doubles_are_exact(sent: float, read: float) -> None:
    said = from_message(a_new_message(metadata=a_struct(n=sent)))["metadata"]["n"]

    assert (said, type(said)) == (read, type(read))


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, {"a": 1}, [1], []])
def test_metadata_that_no_model_has_is_refused_by_name(value: Any) -> None:
    with pytest.raises(Invalid, match=r"^invalid_request: message\.metadata\.x: ") as refused:
        from_message(a_new_message(metadata=a_struct(x=value)), ("message",))

    assert refused.value.extra["errors"][0]["where"] == "message.metadata.x"


def test_a_value_without_a_kind_is_refused() -> None:
    new = a_new_message()
    new.metadata.fields["x"].SetInParent()

    with pytest.raises(Invalid, match=r"metadata\.x"):
        from_message(new)


def test_a_time_has_its_zone() -> None:
    asked = audit_pb2.AuditListRequest(since=Timestamp(seconds=1, nanos=500_000_000))

    assert from_message(asked) == {"since": datetime(1970, 1, 1, 0, 0, 1, 500_000, UTC)}


@pytest.mark.parametrize(
    "time", [Timestamp(seconds=10**12), Timestamp(seconds=-(10**12)), Timestamp(nanos=-1)]
)
def test_a_time_that_is_in_no_calendar_is_refused(time: Timestamp) -> None:
    with pytest.raises(Invalid, match="since: this is in no calendar"):
        from_message(audit_pb2.AuditListRequest(since=time))


def test_enums_have_the_words_of_the_models() -> None:
    patch = webhooks_pb2.WebhooksUpdateRequest(status="WEBHOOK_STATUS_PAUSED")
    new = conversations_pb2.ConversationsCreateRequest(type="CONVERSATION_TYPE_GROUP")

    assert from_message(patch) == {"status": "PAUSED"}
    assert from_message(new) == {"type": "group"}


def test_an_enums_number_that_there_is_not_is_refused() -> None:
    new = conversations_pb2.ConversationsCreateRequest()
    new.ParseFromString(b"\x08\x63")  # type = 99

    with pytest.raises(Invalid, match="type: ConversationType has no such value"):
        from_message(new)


def test_a_mask_is_read_as_its_names() -> None:
    patch = webhooks_pb2.WebhooksUpdateRequest(clear=FieldMask(paths=["description"]))

    assert from_message(patch) == {"clear": ["description"]}


def test_a_view_becomes_a_message() -> None:
    view = {
        "message_id": "m",
        "seq": None,
        "from": "ana",
        "to": None,
        "payload": {"type": "file", "file_id": "f", "size": None},
        "metadata": {"n": 1},
        "status": "DELIVERED",
        "counts": {"sent": 2},
        "recipients": [{"user_id": "bo", "status": "READ"}],
        "accepted_at": "2026-11-23T01:02:03.456Z",
        "what_the_message_has_not": 1,
    }

    shown = to_message(view, messages_pb2.Message())

    assert shown == messages_pb2.Message(
        message_id="m",
        sender="ana",
        payload=types_pb2.Payload(file=types_pb2.FilePayload(file_id="f")),
        metadata=a_struct(n=1),
        status="MESSAGE_STATUS_DELIVERED",
        counts={"sent": 2},
        recipients=[messages_pb2.Recipient(user_id="bo", status="MESSAGE_STATUS_READ")],
        accepted_at=Timestamp(seconds=1795395723, nanos=456_000_000),
    )
    assert not shown.HasField("seq")


def test_what_only_json_can_hold_is_told_all_the_same() -> None:
    view = {"sender": "a\ud800b", "metadata": {"big": 10**400, "half": "\ud800"}}

    shown = to_message(view, messages_pb2.Message())

    assert shown.sender == "a?b"
    assert dict(shown.metadata) == {"big": str(10**400), "half": "?"}


def test_an_erased_payload_says_why() -> None:
    erased = {"payload": {"type": "erased", "reason": "user_erased"}}

    shown = to_message(erased, messages_pb2.Message())

    assert shown.payload.erased.reason == types_pb2.ERASURE_REASON_USER_ERASED


def test_an_event_is_told_by_its_type() -> None:
    data = {"conversation_id": "c", "user_id": "bo", "up_to_seq": 3}
    event = {"id": "e", "type": "conversation.read", "timestamp": "1970-01-01T00:00:01Z"}

    told = to_event({**event, "data": data})

    assert told == events_pb2.Event(
        id="e",
        type="conversation.read",
        timestamp=Timestamp(seconds=1),
        conversation_read=events_pb2.ConversationRead(**data),
    )


def test_an_event_of_a_newer_type_is_told_without_its_data() -> None:
    event = {"id": "e", "type": "data", "timestamp": "1970-01-01T00:00:00Z", "data": {"a": 1}}

    told = to_event(event)

    assert (told.type, told.WhichOneof("data")) == ("data", None)


@pytest.mark.parametrize("kind", ["id", "type", "timestamp"])
def test_a_type_that_is_named_as_a_field_is_none_of_an_events(kind: str) -> None:
    event = {"id": "e", "type": kind, "timestamp": "1970-01-01T00:00:00Z", "data": {"a": 1}}

    assert to_event(event).WhichOneof("data") is None


@pytest.mark.parametrize("payload", [{"type": "poll", "question": "?"}, {}])
def test_a_payload_of_a_newer_kind_is_left_out(payload: dict[str, Any]) -> None:
    told = to_event(_accepted(payload=payload))

    assert told.message_accepted.seq == 7
    assert not told.message_accepted.HasField("payload")


def test_an_event_that_cannot_be_told_comes_without_its_data() -> None:
    told = to_event(_accepted(payload={"type": "text", "text": {"body": "secret"}}))

    assert (told.id, told.type) == ("1", "message.accepted")
    assert told.WhichOneof("data") is None


def _accepted(**more: Any) -> Any:
    data = {"message_id": "m", "seq": 7, "from": "ana", **more}
    timestamp = "2026-11-23T12:00:00.000Z"
    return {"id": "1", "type": "message.accepted", "timestamp": timestamp, "data": data}

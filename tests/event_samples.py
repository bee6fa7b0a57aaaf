"""Items before and after changes, and what of it is told."""

from typing import Any

from chat4all.adapters.dynamodb.files import _item as file_item
from chat4all.adapters.dynamodb.items import (
    conversation_item,
    member_item,
    message_item,
    receipts_item,
    user_item,
)
from chat4all.adapters.dynamodb.joining import left_item
from chat4all.adapters.dynamodb.streams import receipts_of
from chat4all.conversation import Conversation, ConversationType, Member
from chat4all.events import Event, events_of
from chat4all.file import File, FileStatus
from chat4all.message import Erasure
from chat4all.receipts import Planned, Receipts
from chat4all.user import Identity, User
from tests.builders import NOW, a_message, an_id

PLACE = Receipts(
    message_id=an_id(1),
    conversation_id=an_id(900),
    seq=4,
    sender="ana",
    sequenced_at=NOW,
    plan=(
        Planned(user_id="bo", channel="whatsapp", address="551100"),
        Planned(user_id="cy", channel="instagram", address="igcy"),
    ),
)
FORGOTTEN = tuple(p.model_copy(update={"address": None}) for p in PLACE.plan)
"""Where it went, when its recipients are erased."""
GROUP = Conversation(
    conversation_id=an_id(900),
    type=ConversationType.GROUP,
    members=frozenset({"ana", "bo", "cy"}),
    created_by="ana",
    created_at=NOW,
)
BO = Member(conversation_id=an_id(900), user_id="bo", joined_at=NOW)
USER = User(user_id="bo", name="Bo", created_at=NOW)
FILE = File(
    file_id=an_id(5),
    owner="ana",
    status=FileStatus.CHECKING,
    filename="a.png",
    size=9,
    content_type="image/png",
    created_at=NOW,
)
READY = file_item(FILE.model_copy(update={"status": FileStatus.READY}))
REJECTED = file_item(
    FILE.model_copy(
        update={"status": FileStatus.REJECTED, "reason": "size_mismatch", "detail": "It grew."}
    )
)
AWAY = {"pk": "USER#bo", "sk": "PRESENCE", "last_seen": NOW}
HERE = {"pk": "USER#bo", "sk": "PRESENCE", "conn#1": [NOW, NOW + 900_000]}
ENDPOINT = {
    "pk": "WEBHOOKS",
    "sk": f"ENDPOINT#{an_id(6)}",
    "url": "https://shop.example/hook",
    "status": "ACTIVE",
    "version": 1,
}
DISABLED = {**ENDPOINT, "status": "DISABLED", "disabled_reason": "gone"}


def events(
    old: dict[str, Any] | None, new: dict[str, Any] | None, change: str = "7"
) -> list[Event]:
    return list(events_of(old, new, NOW + 1000, receipts_of, change))


def a_place(**changes: Any) -> dict[str, Any]:
    return receipts_item(PLACE.model_copy(update=changes))


CHANGES = [
    (None, conversation_item(GROUP), ["conversation.created"]),
    (
        conversation_item(GROUP),
        conversation_item(GROUP.model_copy(update={"metadata": {"topic": "x"}})),
        ["conversation.updated"],
    ),
    (None, member_item(BO, "0000488888"), ["member.joined"]),
    (member_item(BO, "0000488888"), None, ["member.left"]),
    (
        member_item(BO, "0000488888"),
        member_item(BO.model_copy(update={"read_seq": 7, "delivered_seq": 7}), "0000488888"),
        ["conversation.read"],
    ),
    (
        member_item(BO, "0000488888"),
        member_item(BO.model_copy(update={"delivered_seq": 7}), "0000488888"),
        ["conversation.delivered"],
    ),
    (file_item(FILE), READY, ["file.ready"]),
    (file_item(FILE), REJECTED, ["file.rejected"]),
    (None, HERE, ["presence"]),
    (AWAY, HERE, ["presence"]),
    (HERE, AWAY, ["presence"]),
    (HERE, None, ["presence"]),
    (ENDPOINT, DISABLED, ["endpoint.disabled"]),
    (None, user_item(USER), ["user.updated"]),
    (
        user_item(USER),
        user_item(
            USER.model_copy(
                update={"identities": (Identity(channel="whatsapp", address="551100"),)}
            )
        ),
        ["user.updated"],
    ),
    (user_item(USER), None, ["user.erased"]),
    # nothing that anybody should hear of
    (member_item(BO, "0000488888"), member_item(BO, "0000488889"), []),
    (user_item(USER), {**user_item(USER), "last#whatsapp/-/551100": an_id(900)}, []),
    (conversation_item(GROUP), {**conversation_item(GROUP), "members": {"ana"}}, []),
    (conversation_item(GROUP), None, []),
    (None, file_item(FILE), []),
    (READY, {**READY, "sha256": "a" * 64}, []),
    (file_item(FILE), {**READY, "status": "ABORTED"}, []),
    (READY, None, []),
    (HERE, {**HERE, "conn#2": [NOW, NOW]}, []),
    (AWAY, {**AWAY, "last_seen": NOW + 1}, []),
    (None, ENDPOINT, []),
    (ENDPOINT, {**ENDPOINT, "status": "PAUSED"}, []),
    (DISABLED, {**DISABLED, "description": "x"}, []),
    (DISABLED, ENDPOINT, []),
    (DISABLED, None, []),
    (None, {"pk": f"FILE#{an_id(5)}", "sk": "SHARE#1"}, []),
    (None, {"pk": "WEBHOOK#1", "sk": "ATTEMPT#1"}, []),
    (None, {"pk": "CONNECTION#1", "sk": "CONNECTION"}, []),
    (None, {"pk": "REALTIME", "sk": "ACTIVE", "until": NOW}, []),
    (None, {"pk": "EVENTS#2026-11-23#0", "sk": "1#a", "events": b"", "count": 1}, []),
    (None, message_item(a_message()), []),
    (message_item(a_message()), message_item(a_message().erased(Erasure.USER_ERASED)), []),
    ({"pk": f"MSG#{an_id(1)}", "sk": "BODY#1", "payload": "{}"}, None, []),
    (None, left_item(an_id(900), "bo", NOW), []),
    (a_place(), None, []),
    (a_place(), a_place(plan=FORGOTTEN), []),
    (a_place(), {**a_place(), "tries#0": 3, "why#0": "131056: too fast"}, []),
    (None, {"pk": "CONV#1", "sk": "SEQ", "last_seq": 0}, []),
    (None, {"pk": "CONV#1", "sk": "ADVANCE#bo#read#1", "at": NOW}, []),
    (None, {"pk": "IDENT#whatsapp#-#551100", "sk": "IDENT", "user_id": "bo"}, []),
    (None, {"pk": "CLIENT#c4a", "sk": "CLIENT"}, []),
    ({"pk": "PROVIDER#whatsapp#1", "sk": "REF"}, None, []),
    (None, None, []),
]

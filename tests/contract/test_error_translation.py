"""Whatever AWS or botocore raises leaves the adapters as an error of ours."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import boto3
import pytest
from botocore.config import Config

from chat4all.adapters.dynamodb import Table
from chat4all.adapters.kms import KmsSigner
from chat4all.adapters.sns import SnsPublisher
from chat4all.adapters.sqs import DeadLetters, SqsQueue
from chat4all.adapters.ssm import SsmChannelSettings
from chat4all.conversation import Member
from chat4all.delivery import Outgoing
from chat4all.errors import Unavailable
from chat4all.file import FileStatus
from chat4all.ports.events import Audience
from chat4all.receipts import Mark
from infra.local.processes import choose_port
from tests.contract.samples import (
    CONVERSATION,
    NOW,
    a_file,
    a_group,
    a_head,
    a_message,
    a_place,
    a_receipt,
    a_reference,
    a_user,
    an_id,
    whatsapp,
)
from tests.contract.test_client_store import SHOP
from tests.contract.worlds import KEY, REGION, Aws, Stores, dynamo_stores

OUTGOING = Outgoing(body="{}", group="one", deduplication_id="1")


class Call(NamedTuple):
    name: str
    make: Callable[[Stores], object]


def calls() -> list[Call]:
    """Every operation of every store."""
    ann = Member(conversation_id=CONVERSATION, user_id="ann", joined_at=NOW)
    return [
        Call("add", lambda s: s.messages.add([a_message()])),
        Call("add in bulk", lambda s: s.messages.add([a_message(1), a_message(2)])),
        Call("get messages", lambda s: s.messages.get([an_id(1)])),
        Call("receipts", lambda s: s.messages.receipts([an_id(1)])),
        Call("routing view", lambda s: s.messages.routing_view([an_id(1)], [CONVERSATION])),
        Call(
            "sequence", lambda s: s.messages.sequence({CONVERSATION: (0, a_head(1))}, [a_place()])
        ),
        Call("history", lambda s: history(s)),
        Call("record", lambda s: s.messages.record([a_receipt(1, Mark.SENT)])),
        Call("part", lambda s: s.messages.record_part(an_id(1), 0, 1, a_reference("w"))),
        Call("attempt", lambda s: s.messages.count_attempt(an_id(1), 0, "slow")),
        Call("references", lambda s: s.messages.references("whatsapp", ["w"])),
        Call("erase messages", lambda s: s.messages.erase([an_id(1)])),
        Call("forget addresses", lambda s: s.messages.forget_addresses([an_id(1)], "ann")),
        Call("create", lambda s: s.conversations.create(a_group())),
        Call("get one conversation", lambda s: s.conversations.get([CONVERSATION])),
        Call("get conversations", lambda s: s.conversations.get([CONVERSATION, "other"])),
        Call("heads", lambda s: s.conversations.heads([CONVERSATION])),
        Call("join", lambda s: s.conversations.join(CONVERSATION, "dan", NOW)),
        Call("leave", lambda s: s.conversations.leave(CONVERSATION, "ann", NOW)),
        Call("members", lambda s: s.conversations.members(CONVERSATION)),
        Call("memberships", lambda s: s.conversations.memberships("ann", [CONVERSATION])),
        Call("recent", lambda s: s.conversations.recent("ann", from_hour=None, at_least=1)),
        Call("touch", lambda s: s.conversations.touch(CONVERSATION, ["ann"], "1")),
        Call("advance", lambda s: s.conversations.advance(ann, Mark.READ, 1, NOW)),
        Call("advanced at", lambda s: s.conversations.advanced_at("c", "ann", Mark.READ, 1)),
        Call("ever in", lambda s: s.conversations.ever_in("ann")),
        Call("forget left", lambda s: s.conversations.forget_left(CONVERSATION, "ann")),
        Call("erase user", lambda s: s.users.erase("ann", NOW)),
        Call("put user", lambda s: s.users.put(a_user("ann"))),
        Call("get user", lambda s: s.users.get(["ann"])),
        Call("owners", lambda s: s.users.owners([whatsapp("1")])),
        Call("spoke in", lambda s: s.users.spoke_in("ann", whatsapp("1"), "c")),
        Call("add client", lambda s: s.clients.add(SHOP)),
        Call("get client", lambda s: s.clients.get("shop")),
        Call("breaker", lambda s: s.breakers.get("whatsapp")),
        Call("breaker fails", lambda s: s.breakers.fail("whatsapp", open_until=NOW)),
        Call("breaker closes", lambda s: s.breakers.reset("whatsapp")),
        Call("add file", lambda s: s.files.add(a_file())),
        Call("get file", lambda s: s.files.get("file-1")),
        Call("move file", lambda s: s.files.move(a_file(), FileStatus.READY)),
        Call("owned files", lambda s: s.files.owned("ann", None, 9)),
        Call("share", lambda s: s.files.share("file-1", CONVERSATION, NOW)),
        Call("shared in", lambda s: s.files.shared_in("file-1")),
        Call("add link", lambda s: s.files.add_link("a" * 64, "file-1", NOW)),
        Call("linked", lambda s: s.files.linked("a" * 64, NOW)),
    ]


def history(stores: Stores) -> object:
    return stores.messages.history(CONVERSATION, after=0, before=9, limit=9, newest_first=False)


@pytest.fixture(autouse=True)
def without_pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    pauses: list[float] = []
    monkeypatch.setattr("chat4all.adapters.dynamodb.table.time.sleep", pauses.append)
    return pauses


@pytest.fixture(scope="module")
def nobody() -> Iterator[Callable[[str], Any]]:
    """Clients of a port where nobody listens."""
    session = boto3.Session(KEY, KEY, region_name=REGION)
    url = f"http://127.0.0.1:{choose_port()}"
    config = Config(connect_timeout=1, retries={"total_max_attempts": 1})
    yield lambda service: session.client(service, endpoint_url=url, config=config)


@pytest.mark.parametrize("call", calls(), ids=lambda call: call.name)
def test_no_connection_is_unavailable(call: Call, nobody: Callable[[str], Any]) -> None:
    stores = dynamo_stores("nobody", Table(nobody("dynamodb"), "table"))

    with pytest.raises(Unavailable):
        call.make(stores)


@pytest.mark.parametrize("call", calls(), ids=lambda call: call.name)
def test_no_table_is_unavailable(call: Call, aws: Aws) -> None:
    stores = dynamo_stores(aws.name, Table(aws.client("dynamodb"), "no-such-table"))

    with pytest.raises(Unavailable):
        call.make(stores)


def test_no_connection_of_the_other_services_is_unavailable(
    nobody: Callable[[str], Any],
) -> None:
    queue = SqsQueue(nobody("sqs"), "http://127.0.0.1/000000000000/x-")
    attempts: list[Callable[[], object]] = [
        lambda: queue.send("inbound", [OUTGOING]),
        lambda: queue.send("inbound", [OUTGOING, OUTGOING]),
        lambda: queue.hide("inbound", ["handle"], 1),
        lambda: DeadLetters(nobody("sqs"), "http://127.0.0.1/0/dead").put_aside([{"a": 1}]),
        lambda: SnsPublisher(nobody("sns"), "arn:aws:sns:us-east-1:0:t").publish(
            [{"id": "e", "type": "message.sent", "data": {}}],
            Audience(webhooks=True, realtime=False),
        ),
        lambda: KmsSigner(nobody("kms"), "key").sign(b"x"),
        lambda: SsmChannelSettings(nobody("ssm"), "s").get("whatsapp"),
    ]
    for attempt in attempts:
        with pytest.raises(Unavailable):
            attempt()

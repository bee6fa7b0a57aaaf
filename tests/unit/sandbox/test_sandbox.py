"""The provider sandbox on the wire: what Meta's senders and receivers would see."""

import hashlib
import hmac
import json
from pathlib import Path

from sandbox_harness import (
    ACCOUNTS,
    SECRET,
    TOKEN,
    Receiver,
    SandboxClient,
    a_text,
    an_instagram_text,
    running,
    until,
)

ANA = "5511999990000"


def test_a_whatsapp_send_is_answered_as_meta_answers_it(sandbox: SandboxClient) -> None:
    status, answer = sandbox.send("whatsapp", a_text("+55 11 99999-0000"))

    assert status == 200
    assert answer["contacts"] == [{"input": ANA, "wa_id": ANA}]
    assert answer["messages"][0]["id"].startswith("wamid.HBgN")
    assert answer["messages"][0]["message_status"] == "accepted"


def test_statuses_come_in_order_with_our_opaque_data(
    sandbox: SandboxClient, receiver: Receiver
) -> None:
    _, answer = sandbox.send("whatsapp", a_text(biz_opaque_callback_data="m-1"))
    sent = answer["messages"][0]["id"]

    assert until(lambda: len(receiver.statuses(sent)) == 3)
    assert receiver.statuses(sent) == ["sent", "delivered", "read"]
    value = receiver.values()[0]
    assert value["metadata"]["phone_number_id"] == ACCOUNTS["whatsapp"]
    assert value["statuses"][0]["biz_opaque_callback_data"] == "m-1"
    assert value["statuses"][0]["recipient_id"] == ANA
    assert value["statuses"][0]["timestamp"].isdigit()


def test_a_callback_is_signed_over_its_raw_bytes(
    sandbox: SandboxClient, receiver: Receiver
) -> None:
    sandbox.tester("POST", f"people/{ANA}/messages", {"channel": "whatsapp", "text": "olá ☀"})

    assert until(lambda: receiver.posts)
    signature, raw = receiver.posts[0]
    expected = hmac.new(SECRET.encode(), raw, hashlib.sha256).hexdigest()
    assert signature == f"sha256={expected}"


def test_statuses_due_together_share_a_callback_up_to_the_batch_size(
    sandbox: SandboxClient, receiver: Receiver
) -> None:
    delays = {"sent": 0.0, "delivered": None, "read": None}
    slow = {"batch_window": 0.3, "batch_size": 4, "delays": delays}
    sandbox.tester("PUT", "settings", {"whatsapp": slow})

    sent = [sandbox.text() for _ in range(20)]

    assert until(lambda: all(receiver.statuses(one) == ["sent"] for one in sent))
    sizes = [len(value["statuses"]) for value in receiver.values()]
    assert max(sizes) == 4
    assert len(sizes) <= 7  # two lanes, each with at most one batch that is not full


def test_a_refused_callback_is_retried_unchanged_and_holds_back_only_its_own_message(
    sandbox: SandboxClient, receiver: Receiver
) -> None:
    receiver.answers = [503]
    first = sandbox.text()
    assert until(lambda: receiver.posts)
    others = [sandbox.text() for _ in range(6)]

    assert until(lambda: all(len(receiver.statuses(one)) == 3 for one in others))
    assert receiver.statuses(first) == ["sent"]  # the one refused
    assert until(lambda: len(receiver.statuses(first)) == 4)
    assert receiver.statuses(first) == ["sent", "sent", "delivered", "read"]
    assert [raw for _, raw in receiver.posts].count(receiver.posts[0][1]) == 2


def test_instagram_reports_only_that_the_person_read_it(
    sandbox: SandboxClient, receiver: Receiver
) -> None:
    _, answer = sandbox.send("instagram", an_instagram_text())

    assert answer["recipient_id"] == "igsid-1"
    assert until(receiver.events)
    event = receiver.events()[0]
    assert event["read"] == {"mid": answer["message_id"]}
    assert event["sender"] == {"id": "igsid-1"}
    assert event["recipient"] == {"id": ACCOUNTS["instagram"]}


def test_what_a_person_writes_reaches_us_as_a_whatsapp_message(
    sandbox: SandboxClient, receiver: Receiver
) -> None:
    written = {"channel": "whatsapp", "text": "hi", "name": "Ana", "reply_to": "wamid.X"}
    answer = sandbox.tester("POST", f"people/%2B{ANA}/messages", written)

    assert until(receiver.values)
    value = receiver.values()[0]
    assert value["contacts"] == [{"profile": {"name": "Ana"}, "wa_id": ANA}]
    message = value["messages"][0]
    assert (message["id"], message["from"], message["text"]) == (answer["id"], ANA, {"body": "hi"})
    assert message["context"]["id"] == "wamid.X"


def test_what_a_person_writes_can_come_several_times_under_a_chosen_id_and_account(
    sandbox: SandboxClient, receiver: Receiver
) -> None:
    written = {"channel": "instagram", "text": "hi", "id": "mid-1", "account": "77", "repeat": 3}
    assert sandbox.tester("POST", "people/igsid-1/messages", written) == {"id": "mid-1"}

    assert until(lambda: len(receiver.posts) == 3)
    assert len({raw for _, raw in receiver.posts}) == 1
    assert receiver.events()[0]["recipient"] == {"id": "77"}
    assert receiver.events()[0]["message"] == {"mid": "mid-1", "text": "hi"}


def test_an_inbox_holds_what_was_sent_in_order_with_its_statuses(
    sandbox: SandboxClient,
) -> None:
    sent = [sandbox.text(text="one"), sandbox.text(text="two")]

    assert until(lambda: len(sandbox.inbox(ANA)[1]["statuses"]) == 3)
    items = sandbox.inbox(ANA)
    assert [item["id"] for item in items] == sent
    assert [item["text"] for item in items] == ["one", "two"]
    assert items[0]["body"] == a_text(text="one")
    assert items[0]["account"] == ACCOUNTS["whatsapp"]
    assert sandbox.inbox("5511888880000") == []


def test_marking_as_read_sends_nothing(sandbox: SandboxClient) -> None:
    body = {"messaging_product": "whatsapp", "status": "read", "message_id": "wamid.X"}

    assert sandbox.send("whatsapp", body) == (200, {"success": True})


def test_chalice_local_serves_the_same_app_with_settings_from_a_file(tmp_path: Path) -> None:
    settings = tmp_path / "settings.json"
    settings.write_text(json.dumps({"whatsapp": {"access_token": TOKEN}}))
    chalice = ("-c", "from chalice.cli import main; main()", "local", "--no-autoreload")

    with running(*chalice, SANDBOX_SETTINGS=str(settings)) as sandbox:
        assert sandbox.text().startswith("wamid.")

"""The main job, over the public API only: people talk, whatever channel each of them is on."""

from __future__ import annotations

import pytest

from infra.local.client import Api, Sandbox, wait_until
from tests.e2e.conftest import People, over_both_doors

pytestmark = over_both_doors


@pytest.mark.req("RF-002")
@pytest.mark.req("RF-005")
def test_a_user_who_was_offline_fetches_and_reads_what_was_sent(api: Api, people: People) -> None:
    (ana, _), (bruno, _) = people.on(), people.on()
    conversation = api.conversation(ana, bruno)
    sent = [api.send(conversation, ana, f"message {n}") for n in range(3)]
    wait_until(lambda: api.message(sent[-1])["seq"], "the last one to have its place")
    assert api.message(sent[0])["status"] == "SENT"

    bruno_api = api.as_user(bruno)
    fetched = bruno_api.history(conversation)

    assert [m["message_id"] for m in fetched] == sent
    assert [m["seq"] for m in fetched] == [1, 2, 3]
    assert {api.message(m)["status"] for m in sent} == {"DELIVERED"}
    bruno_api.ok("POST", f"/v1/conversations/{conversation}/read", {"up_to_seq": 2})
    assert [api.message(m)["status"] for m in sent] == ["READ", "READ", "DELIVERED"]
    [delivery] = api.message(sent[0])["deliveries"]
    assert delivery["channel"] == "app"
    assert delivery["sent_at"] <= delivery["delivered_at"] <= delivery["read_at"]


def test_fetching_with_a_services_token_delivers_nothing(api: Api, people: People) -> None:
    (ana, _), (bruno, _) = people.on(), people.on()
    conversation = api.conversation(ana, bruno)
    sent = api.send(conversation, ana, "hello")
    wait_until(lambda: api.message(sent)["seq"], "its place")

    api.history(conversation)

    assert api.message(sent)["status"] == "SENT"


@pytest.mark.req("RF-006")
def test_a_text_to_whatsapp_goes_from_sent_over_delivered_to_read(
    api: Api, sandbox: Sandbox, people: People
) -> None:
    (ana, _), (bruno, bruno_at) = people.on(), people.on("whatsapp")
    conversation = api.conversation(ana, bruno)

    sent = api.send(conversation, ana, "Olá 👋")

    message = api.wait_for_status(sent, "READ")
    assert sandbox.texts(bruno_at["whatsapp"], "whatsapp") == ["Olá 👋"]
    [delivery] = message["deliveries"]
    assert (delivery["channel"], delivery["address"]) == ("whatsapp", bruno_at["whatsapp"])
    assert delivery["sent_at"] <= delivery["delivered_at"] <= delivery["read_at"]
    assert message["counts"] == {"failed": 0, "pending": 0, "sent": 0, "delivered": 0, "read": 1}


@pytest.mark.req("RF-007")
def test_what_a_person_writes_on_whatsapp_reaches_another_on_instagram_and_back(
    api: Api, sandbox: Sandbox, people: People
) -> None:
    (ana, ana_at), (bruno, bruno_at) = people.on("whatsapp"), people.on("instagram")
    conversation = api.conversation(ana, bruno)

    sandbox.writes(ana_at["whatsapp"], "whatsapp", "Hello from WhatsApp")
    wait_until(lambda: sandbox.texts(bruno_at["instagram"], "instagram"), "Instagram")
    sandbox.writes(bruno_at["instagram"], "instagram", "Hello from Instagram")
    wait_until(lambda: sandbox.texts(ana_at["whatsapp"], "whatsapp"), "WhatsApp")

    assert sandbox.texts(bruno_at["instagram"], "instagram") == ["Hello from WhatsApp"]
    assert sandbox.texts(ana_at["whatsapp"], "whatsapp") == ["Hello from Instagram"]
    first, second = api.history(conversation)
    assert (first["from"], first["origin"], first["seq"]) == (ana, "whatsapp", 1)
    assert (second["from"], second["origin"], second["seq"]) == (bruno, "instagram", 2)
    api.wait_for_status(first["message_id"], "READ")
    api.wait_for_status(second["message_id"], "READ")


@pytest.mark.req("RF-001")
def test_a_group_of_five_on_three_channels_hears_everything_in_one_order(
    api: Api, sandbox: Sandbox, people: People
) -> None:
    on = [people.on("whatsapp"), people.on("whatsapp"), people.on("instagram"), people.on()]
    sender, _ = people.on()
    group = api.conversation(sender, *(user for user, _ in on))

    sent = [api.send(group, sender, f"line {n}") for n in range(5)]
    for message_id in sent:
        wait_until(
            lambda m=message_id: api.message(m)["counts"]["read"] == 3,  # type: ignore[misc]
            "the three on channels to have read it",
        )

    history = [m["payload"]["text"] for m in api.history(group)]
    label = sender.title()
    for _, addresses in on:
        for channel, address in addresses.items():
            assert sandbox.texts(address, channel) == [f"{label}: {text}" for text in history]
    last = api.message(sent[-1])
    assert last["status"] == "SENT"
    assert {r["user_id"]: r["status"] for r in last["recipients"]}[on[3][0]] == "SENT"
    api.as_user(on[3][0]).history(group)
    assert api.message(sent[-1])["status"] == "DELIVERED"


def test_somebody_unknown_who_writes_in_becomes_a_user_with_a_conversation(
    api: Api, sandbox: Sandbox, people: People
) -> None:
    address = people.address()

    sandbox.writes(address, "whatsapp", "Is anybody there?", name="Zé")

    account = sandbox.ok("GET", "/settings")["whatsapp"]["account"]
    inbox = f"inbox.whatsapp.{account}"

    def conversation_of_ze() -> str | None:
        page = api.call("GET", "/v1/conversations", params={"user_id": inbox, "limit": 100}).json()
        return next(
            (
                c["conversation_id"]
                for c in page.get("items", [])
                if c["last_message"]
                and c["last_message"]["payload"].get("text") == "Is anybody there?"
            ),
            None,
        )

    conversation = wait_until(conversation_of_ze, "the inbox to show it")
    [message] = api.history(conversation)
    user = api.ok("GET", f"/v1/users/{message['from']}")
    assert user["name"] == "Zé"
    assert user["identities"] == [{"channel": "whatsapp", "address": address, "account": account}]
    answer = api.send(conversation, inbox, "Yes, how can we help?")
    api.wait_for_status(answer, "READ")
    assert sandbox.texts(address, "whatsapp") == ["Yes, how can we help?"]


def test_a_reply_goes_to_the_conversation_of_what_it_replies_to(
    api: Api, sandbox: Sandbox, people: People
) -> None:
    (ana, _), (bea, _), (caio, caio_at) = people.on(), people.on(), people.on("whatsapp")
    with_ana, with_bea = api.conversation(ana, caio), api.conversation(bea, caio)
    api.wait_for_status(api.send(with_ana, ana, "from Ana"), "READ")
    api.wait_for_status(api.send(with_bea, bea, "from Bea"), "READ")
    first = sandbox.inbox(caio_at["whatsapp"], "whatsapp")[0]["id"]

    sandbox.writes(caio_at["whatsapp"], "whatsapp", "to whoever spoke last")
    wait_until(lambda: len(api.history(with_bea)) == 2, "what has no context")
    sandbox.writes(caio_at["whatsapp"], "whatsapp", "to Ana", reply_to=first)
    sandbox.writes(caio_at["whatsapp"], "whatsapp", "to Ana again")
    wait_until(lambda: len(api.history(with_ana)) == 3, "the reply and what follows it")

    texts = [m["payload"]["text"] for m in api.history(with_ana)]
    assert texts == ["from Ana", "to Ana", "to Ana again"]
    assert api.history(with_bea)[-1]["payload"]["text"] == "to whoever spoke last"


def test_the_sender_may_choose_channels_all_of_them_or_none(
    api: Api, sandbox: Sandbox, people: People
) -> None:
    (ana, _), (bruno, at) = people.on(), people.on("whatsapp", "instagram")
    conversation = api.conversation(ana, bruno)

    preferred = api.send(conversation, ana, "preferred")
    chosen = api.send(conversation, ana, "chosen", channels=["instagram"])
    everywhere = api.send(conversation, ana, "everywhere", channels=["all"])
    for message_id in (preferred, chosen, everywhere):
        api.wait_for_status(message_id, "READ")
    wait_until(lambda: len(sandbox.texts(at["instagram"], "instagram")) == 2, "Instagram")

    assert sandbox.texts(at["whatsapp"], "whatsapp") == ["preferred", "everywhere"]
    assert sandbox.texts(at["instagram"], "instagram") == ["chosen", "everywhere"]


def test_a_channel_on_which_the_recipient_is_not_is_a_failed_delivery_with_a_reason(
    api: Api, people: People
) -> None:
    (ana, _), (bruno, _) = people.on(), people.on("whatsapp")
    conversation = api.conversation(ana, bruno)

    sent = api.send(conversation, ana, "hello?", channels=["instagram"])

    message = api.wait_for_status(sent, "FAILED")
    [delivery] = message["deliveries"]
    assert delivery["status"] == "FAILED"
    assert delivery["failure"]["code"] == "no_identity"
    assert [m["message_id"] for m in api.history(conversation)] == [sent]

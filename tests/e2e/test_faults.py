"""Channels that are slow, full, down or choosy: retried, failed over, or failed with a reason."""

from __future__ import annotations

import pytest

from infra.local.client import Api, Sandbox, wait_until
from tests.e2e.conftest import People


@pytest.mark.req("RN-006")
@pytest.mark.parametrize(
    ("kind", "more"), [("error", {"code": 131056}), ("server_error", {"status": 503})]
)
def test_what_fails_for_now_is_retried_and_arrives_once_in_order(
    api: Api, sandbox: Sandbox, people: People, kind: str, more: dict[str, object]
) -> None:
    (ana, _), (bruno, at) = people.on(), people.on("whatsapp")
    conversation = api.conversation(ana, bruno)
    sandbox.fault("whatsapp", kind, count=2, address=at["whatsapp"], **more)

    sent = [api.send(conversation, ana, f"{n}") for n in range(3)]

    for message_id in sent:
        api.wait_for_status(message_id, "READ", seconds=40)
    assert sandbox.texts(at["whatsapp"], "whatsapp") == ["0", "1", "2"]


def test_a_throttled_person_holds_nobody_else_back(
    api: Api, sandbox: Sandbox, people: People
) -> None:
    (ana, _), (slow, slow_at), (fine, _) = people.on(), people.on("whatsapp"), people.on("whatsapp")
    to_slow, to_fine = api.conversation(ana, slow), api.conversation(ana, fine)
    sandbox.fault("whatsapp", "error", count=3, code=131056, address=slow_at["whatsapp"])

    held = api.send(to_slow, ana, "later")
    passed = api.send(to_fine, ana, "now")

    api.wait_for_status(passed, "READ", seconds=5)
    assert api.message(held)["status"] == "SENT"
    api.wait_for_status(held, "READ", seconds=60)


def test_a_recipient_error_goes_on_to_the_next_channel(
    api: Api, sandbox: Sandbox, people: People
) -> None:
    (ana, _), (bruno, at) = people.on(), people.on("whatsapp", "instagram")
    conversation = api.conversation(ana, bruno)
    sandbox.fault("whatsapp", "error", code=131026, address=at["whatsapp"])

    sent = api.send(conversation, ana, "somewhere")

    message = api.wait_for_status(sent, "READ")
    assert [(d["channel"], d["status"]) for d in message["deliveries"]] == [
        ("whatsapp", "FAILED"),
        ("instagram", "READ"),
    ]
    assert message["deliveries"][0]["failure"]["code"] == "131026"
    assert sandbox.texts(at["instagram"], "instagram") == ["somewhere"]


def test_a_failure_that_is_called_back_goes_on_to_the_next_channel_too(
    api: Api, sandbox: Sandbox, people: People
) -> None:
    (ana, _), (bruno, at) = people.on(), people.on("whatsapp", "instagram")
    conversation = api.conversation(ana, bruno)
    sandbox.fault("whatsapp", "fail_later", code=131026, address=at["whatsapp"])

    sent = api.send(conversation, ana, "somewhere")

    api.wait_for_status(sent, "READ")
    assert sandbox.texts(at["instagram"], "instagram") == ["somewhere"]


def test_outside_the_window_only_a_template_passes(
    api: Api, sandbox: Sandbox, people: People
) -> None:
    (ana, _), (bruno, at) = people.on(), people.on("whatsapp")
    conversation = api.conversation(ana, bruno)
    sandbox.ok("PUT", "/settings", {"whatsapp": {"window_24h": True}})
    try:
        refused = api.send(conversation, ana, "hello?")
        message = api.wait_for_status(refused, "FAILED")
        template = {
            "type": "template",
            "name": "hello_world",
            "language": "pt_BR",
            "parameters": ["Bruno"],
        }
        opened = api.send(conversation, ana, "", payload=template)
        api.wait_for_status(opened, "READ")
    finally:
        sandbox.ok("PUT", "/settings", {"whatsapp": {"window_24h": False}})

    assert message["deliveries"][0]["failure"]["code"] == "131047"
    [received] = sandbox.inbox(at["whatsapp"], "whatsapp")
    assert received["body"]["template"]["name"] == "hello_world"


def test_a_send_whose_answer_was_lost_is_settled_by_its_callback(
    api: Api, sandbox: Sandbox, people: People
) -> None:
    (ana, _), (bruno, at) = people.on(), people.on("whatsapp")
    conversation = api.conversation(ana, bruno)
    sandbox.fault("whatsapp", "timeout_after_accept", seconds=12, address=at["whatsapp"])

    sent = api.send(conversation, ana, "only once")
    following = api.send(conversation, ana, "after it")

    api.wait_for_status(sent, "READ", seconds=20)
    api.wait_for_status(following, "READ", seconds=60)
    assert sandbox.texts(at["whatsapp"], "whatsapp") == ["only once", "after it"]


def test_a_long_text_is_split_in_order_and_read_as_one(
    api: Api, sandbox: Sandbox, people: People
) -> None:
    (ana, _), (bruno, at) = people.on(), people.on("instagram")
    conversation = api.conversation(ana, bruno)
    text = " ".join(f"word{n}" for n in range(400))

    sent = api.send(conversation, ana, text)

    api.wait_for_status(sent, "READ")
    wait_until(lambda: len(sandbox.texts(at["instagram"], "instagram")) >= 4, "all parts")
    parts = sandbox.texts(at["instagram"], "instagram")
    assert " ".join(parts) == text
    assert all(len(part.encode()) <= 1000 for part in parts)

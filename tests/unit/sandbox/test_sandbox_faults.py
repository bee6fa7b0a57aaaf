"""The faults a tester can queue in the provider sandbox, one by one."""

import time
from typing import Any

import pytest
import urllib3
from sandbox_harness import (
    Receiver,
    SandboxClient,
    a_text,
    an_instagram_text,
    until,
)

ANA, BIA = "5511999990000", "5511888880000"


def test_an_error_fault_refuses_as_many_sends_as_asked(sandbox: SandboxClient) -> None:
    sandbox.fault("error", code=131056, count=2)

    answers = [sandbox.send("whatsapp", a_text()) for _ in range(3)]

    assert [status for status, _ in answers] == [400, 400, 200]
    assert answers[0][1]["error"]["code"] == 131056
    assert answers[0][1]["error"]["message"].startswith("(#131056)")
    assert len(sandbox.inbox(ANA)) == 1


def test_a_fault_with_an_address_waits_for_that_person(sandbox: SandboxClient) -> None:
    sandbox.fault("error", code=131026, address=f"+{BIA}")

    assert sandbox.send("whatsapp", a_text(ANA))[0] == 200
    assert sandbox.send("whatsapp", a_text(BIA))[0] == 400


def test_an_instagram_error_can_have_a_subcode(sandbox: SandboxClient) -> None:
    sandbox.fault("error", channel="instagram", code=2, subcode=1545133)

    status, answer = sandbox.send("instagram", an_instagram_text())

    assert status == 503
    assert (answer["error"]["code"], answer["error"]["error_subcode"]) == (2, 1545133)


def test_a_server_error_has_no_body_and_accepts_nothing(sandbox: SandboxClient) -> None:
    sandbox.fault("server_error", status=503)

    assert sandbox.send("whatsapp", a_text()) == (503, None)
    assert sandbox.inbox(ANA) == []


def test_a_refusal_closes_the_connection_without_an_answer(sandbox: SandboxClient) -> None:
    sandbox.fault("refuse")

    with pytest.raises(urllib3.exceptions.ProtocolError):
        sandbox.send("whatsapp", a_text())
    assert sandbox.inbox(ANA) == []
    assert sandbox.send("whatsapp", a_text())[0] == 200


def test_a_timeout_after_accept_delivers_long_before_it_answers(
    sandbox: SandboxClient, receiver: Receiver
) -> None:
    sandbox.fault("timeout_after_accept", seconds=30)
    hasty = urllib3.Timeout(connect=1.0, read=0.2)

    with pytest.raises(urllib3.exceptions.ReadTimeoutError):
        sandbox.send("whatsapp", a_text(), timeout=hasty)
    sent = sandbox.inbox(ANA)[0]["id"]
    assert until(lambda: receiver.statuses(sent) == ["sent", "delivered", "read"])


def test_a_slow_answer_comes(sandbox: SandboxClient) -> None:
    sandbox.fault("slow", seconds=0.2)
    began = time.monotonic()

    assert sandbox.text()
    assert time.monotonic() - began >= 0.2


def test_a_message_can_fail_after_it_was_accepted(
    sandbox: SandboxClient, receiver: Receiver
) -> None:
    sandbox.fault("fail_later", code=131049)
    sent = sandbox.text()

    assert until(lambda: receiver.statuses(sent) == ["sent", "failed"])
    errors = receiver.values()[-1]["statuses"][-1]["errors"]
    assert errors[0]["code"] == 131049


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ({"kind": "duplicate"}, ["sent", "sent", "delivered", "delivered", "read", "read"]),
        ({"kind": "reorder"}, ["read", "delivered", "sent"]),
        ({"kind": "skip", "skip": ["delivered"]}, ["sent", "read"]),
    ],
)
def test_statuses_can_be_repeated_reversed_or_left_out(
    sandbox: SandboxClient, receiver: Receiver, fault: dict[str, Any], expected: list[str]
) -> None:
    sandbox.fault(**fault)
    sent, after = sandbox.text(), sandbox.text()

    assert until(lambda: receiver.statuses(sent) == expected)
    assert until(lambda: receiver.statuses(after) == ["sent", "delivered", "read"])


def test_faults_can_be_listed_and_removed(sandbox: SandboxClient) -> None:
    sandbox.fault("slow", seconds=5, count=7)

    (fault,) = sandbox.tester("GET", "faults")["faults"]
    assert (fault["kind"], fault["count"], fault["seconds"]) == ("slow", 7, 5.0)
    assert sandbox.tester("DELETE", "faults") == {"faults": []}

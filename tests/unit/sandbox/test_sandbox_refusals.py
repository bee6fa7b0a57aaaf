"""What the provider sandbox refuses, from senders and from testers; and its settings."""

from typing import Any

import pytest
from sandbox_harness import (
    SandboxClient,
    a_text,
    an_instagram_text,
    until,
)

ANA = "5511999990000"
TEMPLATE = a_text(type="template", template={"name": "hello", "language": {"code": "pt_BR"}})


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{", 100),
        ({"to": ANA}, 100),
        (a_text(to=""), 131008),
        (a_text(to="someone"), 131009),
        (a_text(text=""), 131008),
        (a_text(text="x" * 4097), 100),
        (a_text(biz_opaque_callback_data="x" * 513), 100),
        (a_text(type="poem"), 131051),
        (a_text(type="image"), 131008),
        (a_text(type="image", image={"id": "1", "caption": "x" * 1025}), 100),
        (a_text(type="template", template={"name": "hello"}), 131008),
        (a_text(type="location", location={"latitude": 91, "longitude": 0}), 131009),
    ],
)
def test_whatsapp_refuses_what_meta_would_refuse(
    sandbox: SandboxClient, body: Any, code: int
) -> None:
    status, answer = sandbox.send("whatsapp", body)

    assert (status, answer["error"]["code"]) == (400, code)
    assert answer["error"]["type"] == "OAuthException"
    assert answer["error"]["error_data"]["messaging_product"] == "whatsapp"
    assert answer["error"]["fbtrace_id"]


def test_instagram_counts_the_bytes_of_a_text(sandbox: SandboxClient) -> None:
    assert sandbox.send("instagram", an_instagram_text("é" * 500))[0] == 200
    status, answer = sandbox.send("instagram", an_instagram_text("é" * 501))
    assert (status, answer["error"]["code"]) == (400, 100)


@pytest.mark.parametrize("channel", ["whatsapp", "instagram"])
def test_a_wrong_token_is_told_so(sandbox: SandboxClient, channel: str) -> None:
    status, answer = sandbox.send(channel, a_text(), token="wrong")

    assert (status, answer["error"]["code"]) == (401, 190)


def test_outside_the_24_hours_whatsapp_takes_only_templates(sandbox: SandboxClient) -> None:
    sandbox.tester("PUT", "settings", {"whatsapp": {"window_24h": True}})

    status, answer = sandbox.send("whatsapp", a_text())
    assert (status, answer["error"]["code"]) == (400, 131047)
    assert sandbox.send("whatsapp", TEMPLATE)[0] == 200
    sandbox.tester("POST", f"people/{ANA}/messages", {"channel": "whatsapp", "text": "hi"})
    assert sandbox.send("whatsapp", a_text())[0] == 200
    window = {"channel": "whatsapp", "hours_ago": 24.1}
    sandbox.tester("POST", f"people/{ANA}/window", window)
    assert sandbox.send("whatsapp", a_text())[0] == 400


def test_a_human_agent_may_answer_on_instagram_for_seven_days(sandbox: SandboxClient) -> None:
    sandbox.tester("PUT", "settings", {"instagram": {"window_24h": True}})
    window = {"channel": "instagram", "hours_ago": 100}
    sandbox.tester("POST", "people/igsid-1/window", window)
    tagged = an_instagram_text(messaging_type="MESSAGE_TAG", tag="HUMAN_AGENT")

    error = sandbox.send("instagram", an_instagram_text())[1]["error"]
    assert (error["code"], error["error_subcode"]) == (10, 2534022)
    assert sandbox.send("instagram", tagged)[0] == 200


def test_the_handshake_says_whether_the_challenge_came_back(sandbox: SandboxClient) -> None:
    assert sandbox.tester("POST", "handshake", {"channel": "whatsapp"})["ok"] is True
    sandbox.tester("PUT", "settings", {"whatsapp": {"verify_token": "another"}})
    answer = sandbox.tester("POST", "handshake", {"channel": "whatsapp"})
    assert answer == {"ok": False, "detail": "answered 403 instead of 200"}


def test_settings_merge_deeply(sandbox: SandboxClient) -> None:
    before = sandbox.tester("GET", "settings")
    after = sandbox.tester("PUT", "settings", {"whatsapp": {"delays": {"read": None}}})

    before["whatsapp"]["delays"]["read"] = None
    assert after == before == sandbox.tester("GET", "settings")


def test_stats_count_and_a_reset_forgets(sandbox: SandboxClient) -> None:
    sent = sandbox.text()
    sandbox.send("whatsapp", {})
    assert until(lambda: len(sandbox.inbox(ANA)[0]["statuses"]) == 3), sent
    assert until(lambda: _stats(sandbox)["callbacks"]["pending"] == 0)

    assert _stats(sandbox)["sends"] == {"accepted": 1, "rejected": 1}
    assert 1 <= _stats(sandbox)["callbacks"]["posted"] <= 3
    sandbox.tester("POST", "reset")
    assert _stats(sandbox)["sends"] == {"accepted": 0, "rejected": 0}
    assert sandbox.inbox(ANA) == []


def _stats(sandbox: SandboxClient) -> Any:
    return sandbox.tester("GET", "stats")["whatsapp"]


@pytest.mark.parametrize(
    ("method", "path", "body", "names"),
    [
        ("PUT", "settings", {"sms": {}}, "sms"),
        ("PUT", "settings", {"whatsapp": {"colour": 1}}, "colour"),
        ("PUT", "settings", {"whatsapp": {"delays": {"seen": 1}}}, "seen"),
        ("PUT", "settings", {"whatsapp": {"batch_size": 0}}, "batch_size"),
        ("PUT", "settings", {"whatsapp": {"callback_url": "nowhere"}}, "callback_url"),
        ("PUT", "settings", b"{", "JSON"),
        ("POST", "faults", {"channel": "whatsapp", "kind": "flood"}, "kind"),
        ("POST", "faults", {"channel": "instagram", "kind": "fail_later"}, "fail_later"),
        ("POST", "faults", {"channel": "whatsapp", "kind": "slow", "count": 0}, "count"),
        ("POST", "people/abc/messages", {"channel": "whatsapp", "text": "hi"}, "address"),
        ("POST", f"people/{ANA}/messages", {"channel": "whatsapp"}, "text"),
        ("POST", f"people/{ANA}/window", {"channel": "whatsapp"}, "hours_ago"),
        ("GET", f"people/{ANA}/inbox", None, "channel"),
        ("POST", "handshake", {"channel": "fax"}, "channel"),
    ],
)
def test_bad_input_is_answered_with_its_name(
    sandbox: SandboxClient, method: str, path: str, body: Any, names: str
) -> None:
    status, answer = sandbox.call(method, f"/sandbox/{path}", body)

    assert status == 400
    assert names in answer["error"]

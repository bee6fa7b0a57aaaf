"""A sandbox that died goes on where it was, as a provider does."""

import json
from pathlib import Path

import pytest
from sandbox_harness import ACCOUNTS, SECRET, TOKEN, VERIFY, Receiver, running, until

pytestmark = pytest.mark.req("RNF-002")
ANA = "5511999990000"


def settings_in(folder: Path, receiver: Receiver, **delays: float | None) -> str:
    common = {"access_token": TOKEN, "app_secret": SECRET, "verify_token": VERIFY}
    common |= {"callback_url": receiver.url, "account": ACCOUNTS["whatsapp"]}
    path = folder / "settings.json"
    path.write_text(json.dumps({"whatsapp": {**common, "delays": delays}}))
    return str(path)


def test_inboxes_are_there_again_and_what_was_not_taken_is_reported(
    tmp_path: Path, receiver: Receiver
) -> None:
    kept = {"SANDBOX_JOURNAL": str(tmp_path / "journal")}
    slow = settings_in(tmp_path, receiver, sent=0.0, delivered=60.0, read=60.0)
    with running("serve.py", SANDBOX_SETTINGS=slow, **kept) as sandbox:
        sent = [sandbox.text(ANA, "one"), sandbox.text(ANA, "two")]
        assert until(lambda: len(sandbox.inbox(ANA)[1]["statuses"]) == 1)
        assert sandbox.inbox(ANA)[1]["awaited"] == ["delivered", "read"]

    quick = settings_in(tmp_path, receiver, sent=0.0, delivered=0.0, read=0.0)
    with running("serve.py", SANDBOX_SETTINGS=quick, **kept) as sandbox:
        assert until(lambda: all(len(item["statuses"]) == 3 for item in sandbox.inbox(ANA)))
        found = sandbox.inbox(ANA)

    assert [item["id"] for item in found] == sent
    assert [item["text"] for item in found] == ["one", "two"]
    assert [item["awaited"] for item in found] == [[], []]
    told = [status["status"] for value in receiver.values() for status in value["statuses"]]
    assert sorted(told) == sorted(["sent", "delivered", "read"] * 2)


def test_a_line_that_was_cut_short_is_left_out(tmp_path: Path, receiver: Receiver) -> None:
    journal = tmp_path / "journal"
    settings = settings_in(tmp_path, receiver)
    kept = {"SANDBOX_JOURNAL": str(journal), "SANDBOX_SETTINGS": settings}
    with running("serve.py", **kept) as sandbox:
        sandbox.text(ANA, "one")
    with journal.open("a") as file:
        file.write('\n{"id": "wamid.')

    with running("serve.py", **kept) as sandbox:
        sandbox.text(ANA, "two")
    with running("serve.py", **kept) as sandbox:
        assert [item["text"] for item in sandbox.inbox(ANA)] == ["one", "two"]

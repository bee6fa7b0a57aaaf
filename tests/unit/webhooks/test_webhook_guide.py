"""The code in docs/webhooks.md does what the guide says of it."""

from __future__ import annotations

import base64
import re
import time
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from chat4all.webhooks.schedule import WAITS
from chat4all.webhooks.signing import new_secret, signed_headers
from tests.support.https_server import self_signed

pytestmark = pytest.mark.req("RF-009")
GUIDE = (Path(__file__).parents[3] / "docs/webhooks.md").read_text()


def code_with(name: str) -> dict[str, Any]:
    """What the one block of Python that defines this name defines."""
    [block] = [b for b in re.findall(r"```python\n(.*?)```", GUIDE, re.S) if f"def {name}(" in b]
    found: dict[str, Any] = {}
    exec(block, found)
    return found


def test_a_signature_is_verified_by_hand() -> None:
    verified = code_with("verified")["verified"]
    new, old = new_secret(), new_secret()
    headers = signed_headers([new, old], "event-1", int(time.time()), b"{}")
    late = signed_headers([new], "event-1", int(time.time()) - 301, b"{}")

    assert verified(new, b"{}", headers) and verified(old, b"{}", headers)
    assert not verified(new_secret(), b"{}", headers)
    assert not verified(new, b"[]", headers)
    assert not verified(new, b"{}", late)


@pytest.mark.parametrize(("version", "algorithm"), [("1", hashes.SHA1()), ("2", hashes.SHA256())])
def test_an_sns_message_is_checked_by_hand(version: str, algorithm: hashes.HashAlgorithm) -> None:
    check = code_with("check")["check"]
    key = rsa.generate_private_key(public_exponent=65_537, key_size=2048)
    certificate = self_signed(key).public_bytes(serialization.Encoding.PEM)
    message = {
        "Type": "Notification",
        "MessageId": "m-1",
        "TopicArn": "arn:aws:sns:us-east-1:123456789012:events",
        "Message": '{"id":"event-1"}',
        "Timestamp": "2026-11-23T01:02:03.456Z",
        "SignatureVersion": version,
    }
    signed = (
        'Message\n{"id":"event-1"}\nMessageId\nm-1\nTimestamp\n2026-11-23T01:02:03.456Z\n'
        "TopicArn\narn:aws:sns:us-east-1:123456789012:events\nType\nNotification\n"
    )
    signature = key.sign(signed.encode(), padding.PKCS1v15(), algorithm)
    message["Signature"] = base64.b64encode(signature).decode()

    check(message, certificate)

    with pytest.raises(InvalidSignature):
        check({**message, "Message": "another"}, certificate)


@pytest.mark.parametrize(
    ("url", "good"),
    [
        ("https://sns.us-east-1.amazonaws.com/SimpleNotificationService-a.pem", True),
        ("http://sns.us-east-1.amazonaws.com/SimpleNotificationService-a.pem", False),
        ("https://sns.us-east-1.amazonaws.com.example/a.pem", False),
        ("https://sns.example/.amazonaws.com", False),
        ("https://sns.x@example.com/a.amazonaws.com", False),
    ],
)
def test_a_certificate_comes_from_a_host_of_aws(url: str, good: bool) -> None:
    assert code_with("is_of_aws")["is_of_aws"](url) is good


def test_the_guides_schedule_is_the_codes() -> None:
    [row] = [line for line in GUIDE.splitlines() if line.startswith("| waits before it")]
    units = {"s": 1, "min": 60, "h": 3600}
    waits = [cell.split() for cell in row.strip("|").split("|")[2:]]

    assert [int(number) * units[unit] for number, unit in waits] == list(WAITS[1:])

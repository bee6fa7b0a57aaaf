"""The connectors fetch people's files from their providers over a real socket."""

import json
from typing import Any

import pytest

from chat4all.delivery import MediaPayload
from chat4all.errors import TryLater, Undeliverable
from chat4all.ports import Connector
from tests.serving import a_connector, a_provider

pytestmark = pytest.mark.req("RF-003")
CONTENT = bytes(range(256)) * 1024
BASE = "https://graph.example.com/v1"


def wanted(reference: str) -> MediaPayload:
    return MediaPayload(reference=reference, content_type="image/png")


def fetched(connector: Connector, reference: str) -> tuple[bytes, Any]:
    with connector.download(wanted(reference)) as download:
        return b"".join(download.chunks), download


def test_whatsapp_is_asked_for_the_address_and_then_for_the_bytes() -> None:
    with a_provider() as served:
        address = {"url": f"{served.url}/bytes", "mime_type": "image/png", "sha256": "ab" * 32}
        served.answers["/v23.0/media%2F1"] = (200, {}, json.dumps(address).encode())
        served.answers["/bytes"] = (200, {"content-type": "text/plain"}, CONTENT)

        content, download = fetched(a_connector("whatsapp", served.url), "media/1")

    assert (content, download.sha256, download.content_type) == (CONTENT, "ab" * 32, None)
    assert [path for path, _ in served.asked] == ["/v23.0/media%2F1", "/bytes"]
    assert {headers["authorization"] for _, headers in served.asked} == {"Bearer token"}


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (400, {"error": {"code": 100, "message": "gone"}}, Undeliverable),
        (401, {"error": {"code": 190, "message": "expired"}}, TryLater),
        (500, {}, TryLater),
        (200, {}, TryLater),
        (200, {"url": 7}, TryLater),
        (200, {"url": "https://evil.com/a"}, Undeliverable),
    ],
)
def test_whatsapp_may_not_give_an_address(status: int, body: Any, error: type[Exception]) -> None:
    with a_provider() as served:
        served.answers["/v23.0/m1"] = (status, {}, json.dumps(body).encode())

        with pytest.raises(error):
            fetched(a_connector("whatsapp", served.url), "m1")

    assert len(served.asked) == 1


def test_instagram_gives_the_bytes_without_our_token() -> None:
    with a_provider() as served:
        served.answers["/cdn/1"] = (200, {"content-type": "image/png"}, CONTENT)

        content, download = fetched(a_connector("instagram", served.url), f"{served.url}/cdn/1")

    assert (content, download.content_type) == (CONTENT, "image/png")
    assert "authorization" not in served.asked[0][1]


def test_instagram_is_asked_nowhere_else() -> None:
    with pytest.raises(Undeliverable, match="media_elsewhere"):
        fetched(a_connector("instagram", BASE), "http://169.254.169.254/latest")


def test_bytes_are_there_as_they_come_so_that_a_slow_provider_is_noticed() -> None:
    with a_provider() as served:
        served.answers["/bytes"] = (200, {}, CONTENT[:40])
        served.pause = 0.02
        connector = a_connector("instagram", served.url)

        with connector.download(wanted(f"{served.url}/bytes")) as download:
            first = next(download.chunks)
            rest = b"".join(download.chunks)

    assert len(first) < 40, "it did not wait for all of them"
    assert first + rest == CONTENT[:40]

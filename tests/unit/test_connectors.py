"""The connectors over a real socket: what they send, and what an answer or its absence means."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from chat4all.channels import channel_names, connector_class
from chat4all.errors import NotFound, TryLater, Unavailable, Undeliverable
from tests.builders import a_delivery
from tests.serving import a_connector

WHATSAPP_OK = json.dumps({"messages": [{"id": "wamid.1"}]})
INSTAGRAM_OK = json.dumps({"recipient_id": "igbo", "message_id": "mid.1"})


@contextmanager
def a_provider(status: int, body: str | None, **headers: str) -> Iterator[tuple[str, list[Any]]]:
    """Answers everything so; with no body it hangs up instead. Its address, and what it got."""
    got: list[Any] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            sent = json.loads(self.rfile.read(int(self.headers["content-length"])))
            got.append((self.path, self.headers["authorization"], sent))
            if body is None:
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.send_header("content-length", str(len(body.encode())))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *given: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", got
    server.shutdown()
    server.server_close()


@pytest.mark.req("RF-010")
@pytest.mark.parametrize(
    ("channel", "answer", "provider_id"),
    [("whatsapp", WHATSAPP_OK, "wamid.1"), ("instagram", INSTAGRAM_OK, "mid.1")],
)
def test_a_message_is_sent_with_our_token_from_our_account(channel, answer, provider_id) -> None:
    with a_provider(200, answer) as (url, got):
        found = a_connector(channel, url).send(a_delivery(), "hello", final=True)

    assert found == provider_id
    [(path, token, body)] = got
    assert (path, token) == ("/v23.0/ours/messages", "Bearer token")
    assert "hello" in json.dumps(body)


def test_an_identitys_own_account_is_used() -> None:
    with a_provider(200, WHATSAPP_OK) as (url, got):
        a_connector("whatsapp", url).send(a_delivery(account="other"), "hello", final=True)

    assert got[0][0] == "/v23.0/other/messages"


@pytest.mark.parametrize(("final", "opaque"), [(True, a_delivery().opaque), (False, "")])
def test_the_last_part_alone_carries_our_id(final: bool, opaque: str) -> None:
    with a_provider(200, WHATSAPP_OK) as (url, got):
        a_connector("whatsapp", url).send(a_delivery(), "hello", final=final)

    assert got[0][2].get("biz_opaque_callback_data", "") == opaque


@pytest.mark.parametrize("channel", ["whatsapp", "instagram"])
@pytest.mark.parametrize("answer", [None, "", "{}", "[]", "not json", '{"messages":[]}'])
def test_an_answer_that_is_lost_may_have_been_a_yes(channel: str, answer: str | None) -> None:
    with (
        a_provider(200, answer) as (url, _),
        pytest.raises(TryLater) as error,
    ):
        a_connector(channel, url).send(a_delivery(), "hello", final=True)

    assert error.value.maybe_sent


def test_nobody_there_means_that_the_channel_is_down_and_nothing_was_sent() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"

        with pytest.raises(TryLater) as error:
            a_connector("whatsapp", url).send(a_delivery(), "hello", final=True)

    assert error.value.channel_down
    assert not error.value.maybe_sent


def test_a_refusal_is_read_by_its_code_and_not_by_its_status() -> None:
    body = json.dumps({"error": {"code": 131026, "message": "undeliverable"}})
    with (
        a_provider(500, body) as (url, _),
        pytest.raises(Undeliverable) as error,
    ):
        a_connector("whatsapp", url).send(a_delivery(), "hello", final=True)

    assert error.value.recipient


def test_a_provider_may_say_how_long_to_wait() -> None:
    body = json.dumps({"error": {"code": 130429, "message": "slow down"}})
    with (
        a_provider(429, body, retry_after="17") as (url, _),
        pytest.raises(TryLater) as error,
    ):
        a_connector("whatsapp", url).send(a_delivery(), "hello", final=True)

    assert error.value.retry_after == 17


@pytest.mark.parametrize("channel", ["whatsapp", "instagram"])
def test_incomplete_settings_make_a_channel_unavailable_and_are_not_told(channel: str) -> None:
    connector = connector_class(channel)(lambda: {"account": "ours", "access_token": "secret"})

    with pytest.raises(Unavailable) as error:
        connector.parse(b"{}", {})

    assert "app_secret" in str(error.value)
    assert "secret'" not in str(error.value)
    assert error.value.__cause__ is None


def test_a_channel_that_does_not_exist_is_not_found() -> None:
    assert channel_names() >= {"whatsapp", "instagram"}
    with pytest.raises(NotFound):
        connector_class("pigeon")

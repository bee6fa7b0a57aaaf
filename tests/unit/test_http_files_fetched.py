"""Files over the API: fetched by those who may, by a link, and with a message."""

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from tests.cloud import Cloud, cloud
from tests.http_files import (
    WORDS,
    a_pair,
    call,
    check,
    completed,
    ready,
)

pytestmark = [pytest.mark.req("RF-003"), pytest.mark.req("RF-008")]


@pytest.fixture(scope="module")
def stack() -> Iterator[Cloud]:
    with cloud() as made:
        yield made


@pytest.mark.parametrize(
    ("disposition", "shown"), [(None, "attachment"), ("attachment", "attachment")]
)
def test_a_file_is_fetched_where_we_say_and_saved(stack: Cloud, disposition, shown) -> None:
    file_id = ready(stack, filename="Olá.txt")
    query = {"disposition": disposition} if disposition else {}

    answer = call("GET", f"/v1/files/{file_id}/content", user="ana", query=query)

    assert (answer.status, answer.text) == (302, "")
    assert answer.headers["cache-control"] == "no-store"
    signed = parse_qs(urlsplit(answer.headers["location"]).query)
    assert signed["X-Amz-Expires"] == ["300"]
    assert signed["response-content-type"] == ["text/plain"]
    assert signed["response-content-disposition"] == [
        f"{shown}; filename=\"Ol_.txt\"; filename*=UTF-8''Ol%C3%A1.txt"
    ]
    got = requests.get(answer.headers["location"], headers={"range": "bytes=7-"}, timeout=10)
    assert (got.status_code, got.content) == (206, b"world")


@pytest.mark.parametrize(
    ("content_type", "shown"), [("video/mp4", "inline"), ("text/html", "attachment")]
)
def test_only_what_runs_no_script_is_shown_in_place(stack: Cloud, content_type, shown) -> None:
    file_id = ready(stack, content_type=content_type)

    answer = call(
        "GET", f"/v1/files/{file_id}/content", user="ana", query={"disposition": "inline"}
    )

    signed = parse_qs(urlsplit(answer.headers["location"]).query)
    assert signed["response-content-disposition"][0].startswith(f"{shown};")


def test_a_link_is_followed_by_anybody(stack: Cloud) -> None:
    from chat4all.bootstrap.chat import downloads
    from chat4all.bootstrap.parts import file_store

    file = file_store().get(ready(stack))
    assert file
    path = urlsplit(downloads().new_link(file)).path

    answer = call("GET", path, public=True)
    other = call("GET", f"{path}x", public=True)

    assert (answer.status, answer.headers["cache-control"]) == (302, "no-store")
    assert requests.get(answer.headers["location"], timeout=10).content == WORDS
    assert (other.status, other.json["code"]) == (404, "link_not_found")


def test_a_message_with_a_file_shows_what_is_known_of_it(stack: Cloud) -> None:
    conversation = a_pair("ana", "bo")
    file_id = ready(stack)
    payload = {"type": "file", "file_id": file_id, "caption": "Look!"}
    body = {"conversation_id": conversation, "payload": payload}

    sent = call("POST", "/v1/messages", body, user="ana")
    shown = call("GET", f"/v1/messages/{sent.json['message_id']}", user="bo")

    known = {"filename": "words.txt", "size": len(WORDS), "content_type": "text/plain"}
    assert (sent.status, shown.json["payload"]) == (202, {**payload, **known})
    assert call("GET", f"/v1/files/{file_id}/content", user="bo").status == 302


def test_a_message_waits_for_no_check(stack: Cloud) -> None:
    conversation = a_pair("ana", "bo")
    payload = {"type": "file", "file_id": completed()}

    refused = call(
        "POST", "/v1/messages", {"conversation_id": conversation, "payload": payload}, user="ana"
    )

    assert (refused.status, refused.json["code"]) == (409, "file_not_ready")
    assert refused.json["file_status"] == "CHECKING"
    check(stack)

"""Uppy's AwsS3 plug-in, untouched, in a real browser, against our API and its S3."""

from __future__ import annotations

import hashlib
import random
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from infra.local.client import Api, wait_until
from tests.e2e.browser import Page
from tests.e2e.conftest import People
from tests.e2e.uppy_pages import CANCEL, PAUSE, RELEASES, UPLOAD, UPPY_5, Release, opened_with

CONTENT = random.Random(1).randbytes(12 * 1024 * 1024)  # Uppy makes three parts of it
each_release = pytest.mark.parametrize("uppy", RELEASES, ids=lambda release: release.version)


@pytest.fixture
def user(api: Api, people: People) -> Api:
    return api.as_user(people.on()[0])


def ready(user: Api, file_id: str) -> Any:
    """The file, once it is checked."""
    return wait_until(
        lambda: found if (found := show(user, file_id))["status"] != "CHECKING" else None,
        f"file {file_id} to be checked",
    )


def show(user: Api, file_id: str) -> Any:
    return user.ok("GET", f"/v1/files/{file_id}")


def sha256_of(user: Api, file_id: str) -> str:
    answer = user.call("GET", f"/v1/files/{file_id}/content")
    assert answer.status_code == 302, answer.text
    return hashlib.sha256(httpx.get(answer.headers["location"]).content).hexdigest()


def uploaded(user: Api, page: Page) -> tuple[Any, dict[str, Any]]:
    """The file that Uppy says is uploaded, and all that Uppy said."""
    done = page.hears("done")
    assert done["errors"] == [] and len(done["keys"]) == 1
    return ready(user, done["keys"][0]), done


def parts_put(done: dict[str, Any]) -> list[int]:
    queries = [parse_qs(urlsplit(url).query) for url in done["requests"]]
    return [int(query["partNumber"][0]) for query in queries if "partNumber" in query]


@each_release
def test_the_vendored_bundle_is_the_published_one(uppy: Release) -> None:
    assert hashlib.sha256(uppy.bundle).hexdigest() == uppy.sha256


@each_release
def test_uppy_uploads_a_file_in_parts(uppy: Release, user: Api) -> None:
    with opened_with(uppy, user, UPLOAD, CONTENT, shouldUseMultipart=True) as page:
        file, done = uploaded(user, page)

    assert file["status"] == "READY"
    assert (file["filename"], file["size"]) == ("twelve.bin", len(CONTENT))
    assert sha256_of(user, file["file_id"]) == hashlib.sha256(CONTENT).hexdigest()
    assert parts_put(done) == [1, 2, 3]
    assert done["urls"] == [f"{user.addresses.api_url}/v1/files/{file['file_id']}/content"]


@each_release
def test_a_paused_upload_goes_on_where_it_was(uppy: Release, user: Api) -> None:
    with opened_with(uppy, user, PAUSE, CONTENT, shouldUseMultipart=True) as page:
        file_id = page.hears("paused")
        paused = show(user, file_id)
        page.answer()
        file, done = uploaded(user, page)

    assert (paused["status"], paused["parts_present"]) == ("UPLOADING", [1])
    assert (file["file_id"], file["status"]) == (file_id, "READY")
    assert sha256_of(user, file_id) == hashlib.sha256(CONTENT).hexdigest()
    assert any(f"/multipart/{file_id}?key=" in url for url in done["requests"])  # it listed parts
    assert parts_put(done).count(1) == 1


@each_release
def test_a_cancelled_upload_is_aborted(uppy: Release, user: Api) -> None:
    with opened_with(uppy, user, CANCEL, CONTENT, shouldUseMultipart=True) as page:
        file_id = page.hears("cancelled")
        wait_until(
            lambda: show(user, file_id)["status"] == "ABORTED", f"file {file_id} to be aborted"
        )


def test_a_small_file_is_one_part(user: Api) -> None:
    content = CONTENT[:1000]

    with opened_with(UPPY_5, user, UPLOAD, content, shouldUseMultipart=True) as page:
        file, done = uploaded(user, page)

    assert (file["status"], file["size"], parts_put(done)) == ("READY", 1000, [1])
    assert sha256_of(user, file["file_id"]) == hashlib.sha256(content).hexdigest()


def test_a_page_that_does_not_ask_for_parts_is_told_which_option_to_set(user: Api) -> None:
    with opened_with(UPPY_5, user, UPLOAD, CONTENT) as page:
        (error,) = page.hears("done")["errors"]

    assert "shouldUseMultipart: true" in error


def test_a_file_in_one_request_is_refused(user: Api) -> None:
    query = {"filename": "a.txt", "type": "text/plain", "metadata[name]": "a.txt"}

    answer = user.call("GET", "/v1/files/s3/params", params=query)

    assert (answer.status_code, answer.json()["code"]) == (400, "use_multipart")

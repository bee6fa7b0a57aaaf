"""What the handlers of uploads and of people's files do with what does not work."""

import json
import time
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from chat4all.adapters.memory import MemoryQueue
from chat4all.bootstrap import parts
from chat4all.delivery import MediaPayload, Outgoing
from chat4all.fetching import LONGEST_AGE
from chat4all.file import File, FileStatus
from chat4all.file_jobs import FetchMedia, FinishUpload
from chat4all.ids import new_id
from tests.builders import an_id
from tests.cloud import BUCKET, CONTEXT, Cloud, cloud
from tests.http_files import completed
from tests.replaying import MEDIA_ID, Provider, a_provider
from tests.uploading import PNG

pytestmark = pytest.mark.req("RF-003")


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with a_provider() as running:
        yield running


@pytest.fixture(scope="module")
def stack(provider: Provider) -> Iterator[Cloud]:
    with cloud(provider_url=provider.url) as made:
        yield made


@pytest.fixture
def queue(monkeypatch: pytest.MonkeyPatch) -> MemoryQueue:
    from fetch_media import handler

    queue = MemoryQueue()
    monkeypatch.setattr(handler, "queue", lambda: queue)
    return queue


def a_record(outgoing: Outgoing, number: int = 1, attempt: int = 1) -> dict[str, Any]:
    return {
        "messageId": f"item-{number}",
        "receiptHandle": f"handle-{number}",
        "body": outgoing.body,
        "attributes": {
            "MessageGroupId": outgoing.group,
            "ApproximateReceiveCount": str(attempt),
        },
    }


def handle(handler: str, *records: dict[str, Any]) -> list[str]:
    """The ids of the items that a handler wants offered again."""
    module = __import__(f"{handler}.handler", fromlist=["lambda_handler"])
    answer = module.lambda_handler({"Records": list(records)}, CONTEXT)
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


def status(file_id: str) -> FileStatus:
    file = parts.file_store().get(file_id)
    assert file
    return file.status


@pytest.mark.parametrize("handler", ["finish_upload", "fetch_media"])
@pytest.mark.parametrize("body", ["", "{", "[]", "{}", '{"file_id":7}', '{"file_id":"x","y":1}'])
def test_a_body_that_nobody_can_read_is_offered_again_until_it_is_a_dead_letter(
    stack: Cloud, handler: str, body: str
) -> None:
    record = a_record(Outgoing(body=body, group="g", deduplication_id="d"))

    assert handle(handler, record) == ["item-1"]


@pytest.mark.parametrize("handler", ["finish_upload", "fetch_media"])
def test_a_file_that_is_gone_holds_nobody_up(stack: Cloud, handler: str) -> None:
    media = MediaPayload(reference="r", content_type="a/b")
    fetch = FetchMedia(file_id=an_id(1), channel="whatsapp", media=media)
    job = fetch if handler == "fetch_media" else FinishUpload(file_id=an_id(1))

    assert handle(handler, a_record(job.outgoing())) == []


def test_one_upload_that_fails_leaves_the_others_alone(stack: Cloud) -> None:
    good = [a_record(FinishUpload(file_id=completed()).outgoing(), number) for number in (1, 3)]
    bad = a_record(Outgoing(body="{", group="bad", deduplication_id="d"), 2)

    again = handle("finish_upload", good[0], bad, good[1])

    assert again == ["item-2"]
    ids = [json.loads(record["body"])["file_id"] for record in good]
    assert [status(file_id) for file_id in ids] == [FileStatus.READY] * 2


def test_a_check_without_its_bucket_is_made_again(stack: Cloud) -> None:
    file_id = completed()
    record = a_record(FinishUpload(file_id=file_id).outgoing())

    with pytest.MonkeyPatch.context() as environment:
        environment.setattr(parts.object_store(), "_bucket", "no-such-bucket")
        refused = handle("finish_upload", record)
    done = handle("finish_upload", record)

    assert (refused, done, status(file_id)) == (["item-1"], [], FileStatus.READY)


def announced(media_id: str = MEDIA_ID, age: float = 0, **fields: Any) -> FetchMedia:
    """A person's file, announced so many seconds ago."""
    file = File(
        file_id=new_id(),
        owner="bo",
        filename="image.png",
        content_type="image/png",
        origin="whatsapp",
        created_at=int((time.time() - age) * 1000),
    )
    parts.file_store().add(file)
    media = MediaPayload(reference=media_id, content_type="image/png", **fields)
    return FetchMedia(file_id=file.file_id, channel="whatsapp", media=media)


def test_a_file_is_fetched_and_a_repeat_fetches_nothing(stack: Cloud, provider: Provider) -> None:
    job = announced()

    first = handle("fetch_media", a_record(job.outgoing()))
    again = handle("fetch_media", a_record(job.outgoing(), attempt=2))

    file = parts.file_store().get(job.file_id)
    assert (first, again) == ([], [])
    assert file
    assert (file.status, file.size) == (FileStatus.READY, len(PNG))
    assert parts.object_store().beginning(file.key, 1000) == PNG


@pytest.mark.parametrize(("age", "wait"), [(0, 2), (400, 100)])
def test_a_file_that_does_not_come_is_hidden_for_as_long_as_it_waits(
    stack: Cloud, queue: MemoryQueue, age: int, wait: int
) -> None:
    job = announced("not there", age=age)

    again = handle("fetch_media", a_record(job.outgoing()))

    assert again == ["item-1"]
    assert queue.hidden == [("media", "handle-1", wait)]
    assert status(job.file_id) is FileStatus.UPLOADING


def test_one_file_that_does_not_come_leaves_the_others_alone(
    stack: Cloud, queue: MemoryQueue
) -> None:
    jobs = [announced(), announced("not there"), announced()]
    records = [a_record(job.outgoing(), number) for number, job in enumerate(jobs, 1)]

    again = handle("fetch_media", *records)

    assert again == ["item-2"]
    assert queue.hidden == [("media", "handle-2", 2)]
    ready = [status(job.file_id) is FileStatus.READY for job in jobs]
    assert ready == [True, False, True]


def test_the_last_attempt_says_why(stack: Cloud, queue: MemoryQueue) -> None:
    job = announced("not there", age=LONGEST_AGE)

    again = handle("fetch_media", a_record(job.outgoing()))

    file = parts.file_store().get(job.file_id)
    assert file
    assert (again, queue.hidden) == ([], [])
    assert (file.status, file.reason) == (FileStatus.REJECTED, "download_failed")
    assert "http_404" in (file.detail or "")


def test_a_file_that_was_changed_is_fetched_again(stack: Cloud, queue: MemoryQueue) -> None:
    job = announced(sha256="ab" * 32)

    again = handle("fetch_media", a_record(job.outgoing()))

    left = boto3.client("s3").list_multipart_uploads(Bucket=BUCKET).get("Uploads", [])
    assert again == ["item-1"]
    assert f"files/{job.file_id}" not in [upload["Key"] for upload in left]


def test_a_function_that_is_about_to_end_breaks_off(
    stack: Cloud, queue: MemoryQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(CONTEXT), "get_remaining_time_in_millis", lambda self: 19_000)
    job = announced()

    again = handle("fetch_media", a_record(job.outgoing()))

    assert again == ["item-1"]
    assert status(job.file_id) is FileStatus.UPLOADING

"""The object store on each adapter, and uploads through the use cases with real HTTP."""

from __future__ import annotations

import base64
import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache, partial
from typing import Any

import boto3
import httpx
import pytest
from awscrt.checksums import crc64nvme
from botocore.config import Config

from chat4all.adapters import aws as ours
from chat4all.adapters.dynamodb import DynamoConversationStore, DynamoFileStore, DynamoUserStore
from chat4all.adapters.memory import FakeClock, MemoryObjectStore, MemoryQueue
from chat4all.adapters.s3 import S3ObjectStore
from chat4all.caller import Caller, CallerKind
from chat4all.file import File
from chat4all.file_jobs import UPLOADS, FinishUpload
from chat4all.finishing import Finishing
from chat4all.ports import ObjectStore
from chat4all.uploads import Uploads
from tests.contract.worlds import KEY, REGION, Aws, emulator_client, moto_aws

KEEPS_PARTS_FROM = 5 * 1024 * 1024
"""Bytes: S3, and moto, take no smaller part but the last."""
ANN = Caller("ann", CallerKind.USER)


@dataclass(frozen=True)
class Bucket:
    """An empty object store; `adapter` is which kind, `checksum_of` what it computes."""

    adapter: str
    objects: ObjectStore
    checksum_of: Callable[[bytes], str]
    client: Any = None
    name: str = ""

    def upload(self, key: str, *parts: bytes) -> str:
        """Begin an upload and put its parts; its id."""
        begun = self.objects.begin(key, "image/png")
        for number, part in enumerate(parts, 1):
            self.objects.put_part(key, begun.upload_id, number, part)
        return begun.upload_id

    def store(self, key: str, content: bytes) -> None:
        upload_id = self.upload(key, content)
        self.objects.finish(key, upload_id, self.objects.parts(key, upload_id), None)


def checksum_of(content: bytes) -> str:
    """CRC64NVME as S3 writes it."""
    return base64.b64encode(crc64nvme(content).to_bytes(8, "big")).decode()


def some_bytes(size: int, seed: int = 0) -> bytes:
    return random.Random(seed).randbytes(size)


@cache
def s3_client(endpoint: str | None, attempts: int = 3) -> Any:
    """As the functions have it, but that requests are validated; None is moto."""
    own = Config(
        parameter_validation=True,
        retries={"mode": "standard", "total_max_attempts": attempts},
        s3={"addressing_style": "path" if endpoint else "virtual"},
    )
    config = ours._CONFIG.merge(ours._files()).merge(own)
    keys = {"aws_access_key_id": KEY, "aws_secret_access_key": KEY, "region_name": REGION}
    return boto3.Session(**keys).client("s3", endpoint_url=endpoint, config=config)


def s3_bucket(adapter: str, endpoint: str | None) -> Bucket:
    client = s3_client(endpoint)
    name = Aws(adapter, lambda service: client).unique("bucket")
    client.create_bucket(Bucket=name)
    return Bucket(adapter, S3ObjectStore(client, name), checksum_of, client, name)


def bucket_of(request: pytest.FixtureRequest) -> Iterator[Bucket]:
    """Memory, moto, the emulator, or the emulator without patches, by the fixture's parameter."""
    if request.param == "memory":
        objects = MemoryObjectStore()
        yield Bucket("memory", objects, objects.checksum_of)
    elif request.param == "moto":
        with moto_aws():
            yield s3_bucket("moto", None)
    else:
        yield s3_bucket(request.param, request.getfixturevalue(request.param))


class Desk:
    """The use cases over the emulator's table and bucket. The queue is moved by hand."""

    def __init__(self, endpoint: str) -> None:
        table = Aws("emulator", partial(emulator_client, endpoint)).table()
        self.files = DynamoFileStore(table)
        self.bucket = s3_bucket("emulator", endpoint)
        self.objects = self.bucket.objects
        self.queue = MemoryQueue()
        self.http = httpx.Client()
        self.uploads = Uploads(
            self.files,
            self.objects,
            DynamoConversationStore(table),
            DynamoUserStore(table),
            self.queue,
            FakeClock(),
        )
        self.finishing = Finishing(self.files, self.objects)

    def begin(self, **facts: Any) -> File:
        """An upload of Ann's; small parts are fine, which the API would refuse."""
        given = {"filename": "film.bin", "content_type": "application/octet-stream", **facts}
        return self.uploads.begin(ANN, user_id="ann", **given)

    def work(self) -> list[File | None]:
        """What `finish_upload` does with all that waits."""
        jobs = [FinishUpload.model_validate_json(body) for body in self.queue.take(UPLOADS)]
        return [self.finishing.finish(job.file_id) for job in jobs]

    def now(self, file: File) -> File:
        found = self.files.get(file.file_id)
        assert found is not None
        return found

    def fetched(self, file: File) -> bytes:
        """Its bytes, as whoever is given its URL gets them."""
        url = self.objects.url(
            file.key, filename="film.bin", content_type=file.content_type, inline=False, seconds=60
        )
        return self.http.get(url).raise_for_status().content

    def left_behind(self) -> tuple[list[str], list[str]]:
        """The keys of the objects and of the open uploads in the bucket."""
        where = {"Bucket": self.bucket.name}
        client = self.bucket.client
        objects = client.list_objects_v2(**where).get("Contents", [])
        open_ = client.list_multipart_uploads(**where).get("Uploads", [])
        return [o["Key"] for o in objects], [u["Key"] for u in open_]


@dataclass
class Uploader:
    """A client that has a file. It knows nothing that the API did not tell it."""

    desk: Desk
    file_id: str
    content: bytes
    put: list[int] = field(default_factory=list)
    """The parts that it has uploaded, in this order."""

    def missing(self) -> list[int]:
        return self.desk.uploads.show(ANN, self.file_id).missing

    def piece(self, file: File, number: int) -> bytes:
        start = (number - 1) * file.part_size
        return self.content[start : start + file.part_size]

    def upload(self, numbers: Iterable[int]) -> None:
        file = self.desk.uploads.uploading(ANN, self.file_id)
        for number in numbers:
            answer = self.send(file, number, self.piece(file, number))
            assert answer.status_code == 200, answer.text
            self.put.append(number)

    def send(self, file: File, number: int, piece: bytes) -> httpx.Response:
        [part] = self.desk.uploads.part_urls(file, [number])
        return self.desk.http.put(part.url, content=piece)

    def complete(self, checksum: str | None = None) -> File:
        return self.desk.uploads.complete(ANN, self.file_id, checksum)

"""The bucket that has the files' bytes.

Every object is uploaded in parts, even a small one: once it is complete its upload is gone, so
that no URL given out before can change it. S3 computes the CRC64NVME of the whole object and
compares it with the client's on completion (docs.aws.amazon.com/AmazonS3/latest/userguide/
checking-object-integrity-upload.html).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote

from botocore.exceptions import ClientError

from chat4all.adapters.aws import available, error_code
from chat4all.errors import BadContent, Unavailable, UploadGone
from chat4all.ports import Begun, StoredObject, StoredPart

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

FULL_OBJECT: Literal["FULL_OBJECT"] = "FULL_OBJECT"


class S3ObjectStore:
    def __init__(self, client: S3Client, bucket: str, signing: S3Client | None = None) -> None:
        """`signing` makes the URLs, if people reach the bucket elsewhere than `client` does."""
        self._client = client
        self._signing = signing or client
        self._bucket = bucket

    def begin(self, key: str, content_type: str) -> Begun:
        with available("files"):
            answer = self._client.create_multipart_upload(
                Bucket=self._bucket,
                Key=key,
                ContentType=content_type,
                ChecksumAlgorithm="CRC64NVME",
                ChecksumType=FULL_OBJECT,
            )
        # An S3 that makes no checksum of the whole object says so here, and is not asked for it.
        return Begun(answer["UploadId"], answer.get("ChecksumType") == FULL_OBJECT)

    def part_url(
        self, key: str, upload_id: str, number: int, size: int | None, seconds: int
    ) -> str:
        length = {} if size is None else {"ContentLength": size}
        part = {**self._at(key), "UploadId": upload_id, "PartNumber": number, **length}
        return self._signing.generate_presigned_url("upload_part", Params=part, ExpiresIn=seconds)

    def put_part(self, key: str, upload_id: str, number: int, content: bytes) -> None:
        with _upload(key):
            self._client.upload_part(
                Bucket=self._bucket,
                Key=key,
                UploadId=upload_id,
                PartNumber=number,
                Body=content,
            )

    def parts(self, key: str, upload_id: str) -> list[StoredPart]:
        found: list[StoredPart] = []
        marker = 0
        while True:
            with _upload(key):
                answer = self._client.list_parts(
                    Bucket=self._bucket, Key=key, UploadId=upload_id, PartNumberMarker=marker
                )
            found += [
                StoredPart(part["PartNumber"], part["Size"], part["ETag"])
                for part in answer.get("Parts", [])
            ]
            if not answer.get("IsTruncated"):
                return found
            marker = answer["NextPartNumberMarker"]

    def finish(
        self, key: str, upload_id: str, parts: Sequence[StoredPart], checksum: str | None
    ) -> None:
        expected: Any = {}
        if checksum is not None:
            expected = {"ChecksumCRC64NVME": checksum, "ChecksumType": FULL_OBJECT}
        with _upload(key):
            self._client.complete_multipart_upload(
                Bucket=self._bucket,
                Key=key,
                UploadId=upload_id,
                MultipartUpload={
                    "Parts": [{"PartNumber": p.number, "ETag": p.etag} for p in parts]
                },
                **expected,
            )

    def abort(self, key: str, upload_id: str) -> None:
        with suppress(UploadGone), _upload(key):
            self._client.abort_multipart_upload(**self._at(key), UploadId=upload_id)

    def look(self, key: str) -> StoredObject | None:
        try:
            with available("files"):
                answer = self._client.head_object(**self._at(key), ChecksumMode="ENABLED")
        except Unavailable as error:
            if _is(error, "404", "NoSuchKey"):
                return None
            raise
        whole = answer.get("ChecksumType") == FULL_OBJECT
        checksum = answer.get("ChecksumCRC64NVME") if whole else None
        return StoredObject(answer["ContentLength"], checksum)

    def beginning(self, key: str, length: int) -> bytes:
        with available("files"):
            answer = self._client.get_object(**self._at(key), Range=f"bytes=0-{length - 1}")
            return bytes(answer["Body"].read(length))

    def delete(self, key: str) -> None:
        with available("files"):
            self._client.delete_object(**self._at(key))

    def url(self, key: str, *, filename: str, content_type: str, inline: bool, seconds: int) -> str:
        shown = {
            "ResponseContentDisposition": disposition(filename, inline=inline),
            "ResponseContentType": content_type,
        }
        return self._signing.generate_presigned_url(
            "get_object", Params={**self._at(key), **shown}, ExpiresIn=seconds
        )

    def _at(self, key: str) -> Any:
        return {"Bucket": self._bucket, "Key": key}


def disposition(filename: str, *, inline: bool) -> str:
    """`Content-Disposition` with the name in both of its forms (RFC 6266)."""
    kind = "inline" if inline else "attachment"
    plain = "".join(c if c.isascii() and c not in '"\\%' else "_" for c in filename)
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(filename, safe='')}"


@contextmanager
def _upload(key: str) -> Iterator[None]:
    """As `available`, with S3's words for an upload that is gone, or that is not as announced."""
    try:
        with available("files"):
            yield
    except Unavailable as error:
        if _is(error, "NoSuchUpload"):
            raise UploadGone(key) from error
        if _is(error, "BadDigest"):
            detail = "The bytes have another checksum."
            raise BadContent("checksum_mismatch", detail) from error
        if _is(error, "EntityTooSmall"):
            detail = "A part before the last one has less than 5 MiB."
            raise BadContent("part_too_small", detail) from error
        raise


def _is(error: Unavailable, *codes: str) -> bool:
    return isinstance(error.__cause__, ClientError) and error_code(error.__cause__) in codes

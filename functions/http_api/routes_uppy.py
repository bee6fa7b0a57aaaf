"""What Uppy's AwsS3 plug-in asks for, on the same use cases.

Source: the plug-in itself, 5.1.0 (`endpoint: …/v1/files`, `headers`) and 6.1.0
(`companionEndpoint: …/v1/files`), which call the same paths; tests/e2e/test_uppy.py runs both. Both
of its ids are our file id; what it sends as `key` says nothing more. The plug-in does not say how
long a file is: so part URLs sign no length, and the size is known when it is complete.
"""

from __future__ import annotations

from typing import Annotated

from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Body, Path, Query
from pydantic import BaseModel, Field

from chat4all.bootstrap.chat import uploads
from chat4all.bootstrap.parts import settings
from chat4all.errors import Invalid, Rejected
from chat4all.file import MediaType
from chat4all.ids import ConversationId, FileId, UserId
from chat4all.uploads import MAX_URLS, URL_SECONDS
from http_api.requests import caller

router = Router()
UploadPath = Annotated[FileId, Path()]
Part = Annotated[int, Path(ge=1, le=10_000)]
BUCKET = "files"


class UppyMetadata(BaseModel):
    """What a page put into the file's meta, as far as it means something here."""

    conversation_id: ConversationId | None = None
    user_id: UserId | None = None


class NewUppyUpload(BaseModel):
    filename: Annotated[str, Field(min_length=1, max_length=1024)]
    type: MediaType = "application/octet-stream"
    metadata: UppyMetadata = Field(default_factory=UppyMetadata)


class CreatedUpload(BaseModel):
    key: str
    uploadId: str
    bucket: str = BUCKET


class SignedPart(BaseModel):
    url: str
    expires: int = URL_SECONDS


class SignedParts(BaseModel):
    presignedUrls: dict[str, str]


class ListedPart(BaseModel):
    PartNumber: int
    Size: int
    ETag: str


class SentPart(BaseModel):
    PartNumber: Annotated[int, Field(ge=1, le=10_000)]
    ETag: str = ""


class SentParts(BaseModel):
    parts: Annotated[list[SentPart], Field(max_length=10_000)] = Field(default_factory=list)


class CompletedUpload(BaseModel):
    location: str
    key: str
    bucket: str = BUCKET


@router.get("/v1/files/s3/params", tags=["uppy"], summary="Refused: set `shouldUseMultipart: true`")
def in_one_request() -> dict[str, str]:
    """Where the plug-in would send a file in one request, which is its default up to 100 MiB.

    It tells nobody when that is done, and until it expires such a URL could replace a file that
    was already checked. A multipart upload has an end and no URL outlives it. `message` is what
    Uppy 5 shows.
    """
    detail = "Set the option `shouldUseMultipart: true`: files come in parts, if only in one."
    raise Rejected("use_multipart", detail, message=detail)


@router.post("/v1/files/s3/multipart", tags=["uppy"], summary="Begin an upload")
def create(new: Annotated[NewUppyUpload, Body()]) -> CreatedUpload:
    file = uploads().begin(
        caller(router),
        filename=new.filename,
        content_type=new.type,
        user_id=new.metadata.user_id,
        conversation_id=new.metadata.conversation_id,
    )
    return CreatedUpload(key=file.file_id, uploadId=file.file_id)


@router.get("/v1/files/s3/multipart/<upload_id>", tags=["uppy"], summary="The parts that are there")
def list_parts(upload_id: UploadPath) -> list[ListedPart]:
    progress = uploads().show(caller(router), upload_id)
    return [ListedPart(PartNumber=p.number, Size=p.size, ETag=p.etag) for p in progress.present]


@router.get(
    "/v1/files/s3/multipart/<upload_id>/batch", tags=["uppy"], summary="Where to PUT several parts"
)
def sign_parts(
    upload_id: UploadPath,
    part_numbers: Annotated[str, Query(alias="partNumbers", max_length=600)],
) -> SignedParts:
    numbers = part_numbers.split(",")
    if len(numbers) > MAX_URLS or not all(n.isascii() and n.isdigit() for n in numbers):
        raise Invalid("invalid_request", f"partNumbers: up to {MAX_URLS} numbers with commas.")
    file = uploads().uploading(caller(router), upload_id)
    urls = uploads().part_urls(file, [int(number) for number in numbers])
    return SignedParts(presignedUrls={str(u.number): u.url for u in urls})


@router.get(
    "/v1/files/s3/multipart/<upload_id>/<part_number>",
    tags=["uppy"],
    summary="Where to PUT one part",
)
def sign_part(upload_id: UploadPath, part_number: Part) -> SignedPart:
    file = uploads().uploading(caller(router), upload_id)
    [part] = uploads().part_urls(file, [part_number])
    return SignedPart(url=part.url)


@router.post(
    "/v1/files/s3/multipart/<upload_id>/complete", tags=["uppy"], summary="All parts are there"
)
def complete(upload_id: UploadPath, sent: Annotated[SentParts, Body()]) -> CompletedUpload:
    """The parts that count are those that the store has; it must have all that were sent."""
    numbers = [part.PartNumber for part in sent.parts]
    file = uploads().complete(caller(router), upload_id, sent=numbers)
    address = f"{settings().public_url.rstrip('/')}/v1/files/{file.file_id}/content"
    return CompletedUpload(location=address, key=file.file_id)


@router.delete("/v1/files/s3/multipart/<upload_id>", tags=["uppy"], summary="Abort an upload")
def abort(upload_id: UploadPath) -> dict[str, str]:
    uploads().abort(caller(router), upload_id)
    return {}

"""Files: begin, resume, complete and abort uploads; fetch. The bytes pass by here, not through."""

from __future__ import annotations

from typing import Annotated, Literal

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Body, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from chat4all.bootstrap.chat import downloads, uploads
from chat4all.bootstrap.privacy import deleting
from chat4all.file import Checksum, File, FileStatus, NewFile
from chat4all.ids import FileId
from chat4all.observability import logger
from chat4all.uploads import MAX_URLS
from http_api.file_views import FileOut, PartUrls, UploadOut
from http_api.requests import caller

router = Router()
FileIdPath = Annotated[FileId, Path()]


class Completion(BaseModel):
    model_config = ConfigDict(extra="forbid")
    checksum: Checksum | None = Field(
        None, description="CRC64NVME of the whole file, base64 of eight bytes: then it is checked."
    )


class CompletionOf(Completion):
    file_id: FileId


@router.post(
    "/v1/files/initiate",
    tags=["files"],
    summary="Begin an upload of up to 2 GiB, in parts",
    status_code=201,
)
def initiate(new: Annotated[NewFile, Body()]) -> Response[UploadOut]:
    file = uploads().initiate(caller(router), new)
    urls = uploads().part_urls(file, range(1, MAX_URLS + 1))
    logger().info("upload begun", file_id=file.file_id, size=file.size)
    return Response(201, "application/json", UploadOut.begun(file, urls))


@router.get(
    "/v1/files/<file_id>/parts", tags=["files"], summary="Where to PUT more parts, or the same"
)
def part_urls(
    file_id: FileIdPath,
    first: Annotated[int, Query(alias="from", ge=1, le=10_000)] = 1,
    count: Annotated[int, Query(ge=1, le=MAX_URLS)] = MAX_URLS,
) -> PartUrls:
    file = uploads().uploading(caller(router), file_id)
    return PartUrls.of(uploads().part_urls(file, range(first, first + count)))


@router.get("/v1/files/<file_id>", tags=["files"], summary="A file, and which parts are there")
def get_file(file_id: FileIdPath) -> FileOut:
    return FileOut.of(uploads().show(caller(router), file_id))


@router.post(
    "/v1/files/complete",
    tags=["files"],
    summary="All parts are there: have them checked",
    status_code=202,
)
def complete_named(completion: Annotated[CompletionOf, Body()]) -> Response[FileOut]:
    return _complete(completion.file_id, completion.checksum)


@router.post(
    "/v1/files/<file_id>/complete",
    tags=["files"],
    summary="The same, with the file in the path",
    status_code=202,
)
def complete(
    file_id: FileIdPath, completion: Annotated[Completion | None, Body()] = None
) -> Response[FileOut]:
    return _complete(file_id, completion.checksum if completion else None)


def _complete(file_id: str, checksum: str | None) -> Response[FileOut]:
    file: File = uploads().complete(caller(router), file_id, checksum)
    logger().info("upload complete", file_id=file_id, status=file.status)
    status = 202 if file.status is FileStatus.CHECKING else 200
    return Response(status, "application/json", FileOut.of_file(file))


@router.delete(
    "/v1/files/<file_id>",
    tags=["files"],
    summary="Delete a file, or abort its upload",
    status_code=204,
)
def delete(file_id: FileIdPath) -> Response[str]:
    deleting().delete(caller(router), file_id)
    return Response(204, body="")


@router.get(
    "/v1/files/<file_id>/content",
    tags=["files"],
    summary="Fetch a file",
    status_code=302,
    response_description="Go there within five minutes; ranges work.",
)
def content(
    file_id: FileIdPath,
    disposition: Annotated[
        Literal["attachment", "inline"],
        Query(description="`inline` is for pictures, sound and video; others are saved."),
    ] = "attachment",
) -> Response[str]:
    inline = disposition == "inline"
    return _redirect(downloads().content_url(caller(router), file_id, inline=inline))


@router.get(
    "/f/<token>", tags=["files"], summary="Fetch a file by a link in a text", status_code=302
)
def linked(token: Annotated[str, Path(max_length=64)]) -> Response[str]:
    return _redirect(downloads().linked_url(token))


def _redirect(url: str) -> Response[str]:
    return Response(302, body="", headers={"location": url, "cache-control": "no-store"})

"""Files: begin, resume, complete and abort uploads; fetch. The bytes pass by here, not through."""

from __future__ import annotations

from typing import Annotated, Literal

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Body, Path, Query

from chat4all.api import files
from chat4all.api.requests import Completion, CompletionOf
from chat4all.api.views.files import FileOut, PartUrls, UploadOut
from chat4all.file import FileStatus, NewFile
from chat4all.ids import FileId
from chat4all.uploads import MAX_URLS
from http_api.requests import caller

router = Router()
FileIdPath = Annotated[FileId, Path()]


@router.post(
    "/v1/files/initiate",
    tags=["files"],
    summary="Begin an upload of up to 2 GiB, in parts",
    status_code=201,
)
def initiate(new: Annotated[NewFile, Body()]) -> Response[UploadOut]:
    return Response(201, "application/json", files.initiate(caller(router), new))


@router.get(
    "/v1/files/<file_id>/parts", tags=["files"], summary="Where to PUT more parts, or the same"
)
def part_urls(
    file_id: FileIdPath,
    first: Annotated[int, Query(alias="from", ge=1, le=10_000)] = 1,
    count: Annotated[int, Query(ge=1, le=MAX_URLS)] = MAX_URLS,
) -> PartUrls:
    return files.part_urls(caller(router), file_id, first, count)


@router.get("/v1/files/<file_id>", tags=["files"], summary="A file, and which parts are there")
def get_file(file_id: FileIdPath) -> FileOut:
    return files.get(caller(router), file_id)


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
    file = files.complete(caller(router), file_id, checksum)
    status = 202 if file.status is FileStatus.CHECKING else 200
    return Response(status, "application/json", file)


@router.delete(
    "/v1/files/<file_id>",
    tags=["files"],
    summary="Delete a file, or abort its upload",
    status_code=204,
)
def delete(file_id: FileIdPath) -> Response[str]:
    files.delete(caller(router), file_id)
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
    return _redirect(files.content_url(caller(router), file_id, disposition == "inline"))


@router.get(
    "/f/<token>", tags=["files"], summary="Fetch a file by a link in a text", status_code=302
)
def linked(token: Annotated[str, Path(max_length=64)]) -> Response[str]:
    return _redirect(files.linked_url(token))


def _redirect(url: str) -> Response[str]:
    return Response(302, body="", headers={"location": url, "cache-control": "no-store"})

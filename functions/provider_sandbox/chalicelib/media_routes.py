"""Media over HTTP. serve.py streams what these routes, as Chalice runs them, hold whole."""

import base64
import io
import time
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from chalice.app import Blueprint, Response

from . import ids
from .checks import as_bytes
from .errors import GraphError, HangUp
from .media_desk import Download
from .multipart import Body
from .process import sandbox

media = Blueprint(__name__)
_ATTACHMENTS, _CDN = "/whatsapp/lookaside/attachments", "/instagram/cdn/"


class Bytes(Response):
    """An answer that is bytes whatever its type and whatever the client says it accepts."""

    def to_dict(self, binary_types: list[str] | None = None) -> dict[str, Any]:
        encoded = base64.b64encode(self.body).decode()
        answer: dict[str, Any] = Response("", self.headers, self.status_code).to_dict()
        return {**answer, "body": encoded, "isBase64Encoded": True}


def is_upload(url: str) -> bool:
    """Whether a POST to this path and query brings a file."""
    return url.startswith("/whatsapp/") and urlsplit(url).path.endswith("/media")


def take_upload(authorization: str, content_type: str, body: Body) -> tuple[int, dict[str, Any]]:
    """The HTTP status and the body that answer an upload."""
    try:
        return 200, sandbox().media.upload(authorization, content_type, body)
    except GraphError as error:
        return error.status, error.body("whatsapp", ids.trace_id())


def download_at(url: str, authorization: str) -> Download | None:
    """The bytes that a GET of this path and query asks for; None when it asks for none."""
    parts = urlsplit(url)
    if parts.path == _ATTACHMENTS:
        return sandbox().media.attachment(authorization, dict(parse_qsl(parts.query)))
    if parts.path.startswith(_CDN):
        return sandbox().media.cdn(parts.path.removeprefix(_CDN))
    return None


def base_url(headers: Any) -> str:
    """Where the client found us, for the links we give it."""
    return f"http://{headers['host']}"


@media.route("/whatsapp/{version}/{account}/media", methods=["POST"], content_types=["*/*"])
def upload(version: str, account: str) -> Response:
    request = media.current_request
    raw = as_bytes(request.raw_body)
    kind, token = (request.headers.get(name, "") for name in ("content-type", "authorization"))
    status, answer = take_upload(token, kind, Body(io.BytesIO(raw), len(raw)))
    return Response(answer, status_code=status)


@media.route("/whatsapp/{version}/{media_id}", methods=["GET"])
def describe(version: str, media_id: str) -> Response:
    headers = media.current_request.headers
    token = headers.get("authorization", "")
    try:
        return Response(sandbox().media.describe(token, media_id, base_url(headers)))
    except GraphError as error:
        return Response(error.body("whatsapp", ids.trace_id()), status_code=error.status)


@media.route(_ATTACHMENTS, methods=["GET"])
def attachment() -> Response:
    request = media.current_request
    query: Any = request.query_params or {}
    token = request.headers.get("authorization", "")
    return _whole(sandbox().media.attachment(token, dict(query)))


@media.route(_CDN + "{media_id}", methods=["GET"])
def cdn(media_id: str) -> Response:
    return _whole(sandbox().media.cdn(media_id))


def _whole(download: Download) -> Response:
    time.sleep(download.wait)
    body = b"".join(download.blocks)
    if len(body) < download.size:
        raise HangUp
    return Bytes(body, {"Content-Type": download.mime_type}, download.status)

"""The providers' own endpoints, as WhatsApp Cloud API and Instagram Messaging publish them."""

import time

from chalice.app import Blueprint, Response

from . import ids
from .checks import as_bytes
from .errors import GraphError
from .process import sandbox

provider = Blueprint(__name__)


def _send(channel: str, account: str) -> Response:
    request = provider.current_request
    authorization = request.headers.get("authorization", "")
    try:
        answer = sandbox().send(channel, account, authorization, as_bytes(request.raw_body))
    except GraphError as error:
        product = sandbox().channels[channel].product
        return Response(error.body(product, ids.trace_id()), status_code=error.status)
    if answer.wait:
        time.sleep(answer.wait)
    if answer.body is None:
        return Response("", status_code=answer.status, headers={"Content-Type": "text/html"})
    return Response(answer.body, status_code=answer.status)


@provider.route("/whatsapp/{version}/{account}/messages", methods=["POST"], content_types=["*/*"])
def send_by_whatsapp(version: str, account: str) -> Response:
    return _send("whatsapp", account)


@provider.route("/instagram/{version}/{account}/messages", methods=["POST"], content_types=["*/*"])
def send_by_instagram(version: str, account: str) -> Response:
    return _send("instagram", account)

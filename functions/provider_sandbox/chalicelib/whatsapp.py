"""WhatsApp Cloud API on the wire: answers and callbacks. What it accepts is in whatsapp_rules."""

import base64
from typing import Any

from . import ids
from .errors import GraphError, MediaFailed, title_of
from .media_rules import WHATSAPP
from .whatsapp_rules import check_content, media_of, phone_number
from .wire import Notice, PersonWrote, Receipt, Send, WrittenMedia

_BUSINESS_ACCOUNT = "102290129340398"


class WhatsApp:
    name = "whatsapp"
    product: str | None = "whatsapp"
    reports: tuple[str, ...] = ("sent", "delivered", "read")
    reports_failures = True
    text_beside_media = False
    media_rules = WHATSAPP

    def address(self, given: str) -> str:
        return phone_number(given)

    def read(self, body: dict[str, Any]) -> Send | Notice:
        if body.get("messaging_product") != "whatsapp":
            raise GraphError(100, "The parameter messaging_product is required: whatsapp")
        if body.get("status") is not None:
            return _mark_read(body)
        if not body.get("to"):
            raise GraphError(131008, "The parameter to is required")
        try:
            address = phone_number(body["to"])
        except ValueError as problem:
            raise GraphError(131009, f"to: {problem}") from problem
        if body.get("recipient_type", "individual") not in ("individual", "group"):
            raise GraphError(131009, "recipient_type must be individual or group")
        opaque = body.get("biz_opaque_callback_data")
        if opaque is not None and not (isinstance(opaque, str) and len(opaque) <= 512):
            raise GraphError(100, "biz_opaque_callback_data must have at most 512 characters")
        kind = check_content(body)
        text = body["text"]["body"] if kind == "text" else None
        window = None if kind == "template" else 24.0
        return Send(address, kind, text, opaque, window, media_of(body, kind))

    def new_id(self, account: str, address: str, inbound: bool = False) -> str:
        return ids.wamid(address, inbound)

    def answer(self, send: Send, message_id: str) -> dict[str, Any]:
        return {
            "messaging_product": "whatsapp",
            "contacts": [{"input": send.address, "wa_id": send.address}],
            "messages": [{"id": message_id, "message_status": "accepted"}],
        }

    def outside_window(self) -> GraphError:
        return GraphError(
            131047,
            "Message failed to send because more than 24 hours have passed "
            "since the customer last replied to this number",
        )

    def media_refused(self, problem: MediaFailed) -> GraphError:
        return GraphError(131053 if problem.unsuitable else 131052, str(problem))

    def receipts(self, receipts: list[Receipt]) -> dict[str, Any]:
        accounts: dict[str, list[dict[str, Any]]] = {}
        for receipt in receipts:
            accounts.setdefault(receipt.message.account, []).append(_status(receipt))
        return _body([_value(account, statuses=some) for account, some in accounts.items()])

    def wrote(self, written: PersonWrote) -> dict[str, Any]:
        message: dict[str, Any] = {
            "from": written.address,
            "id": written.id,
            "timestamp": str(int(written.at)),
            **_content(written),
        }
        if written.reply_to:
            message["context"] = {"from": written.account, "id": written.reply_to}
        contact = {"profile": {"name": written.name}, "wa_id": written.address}
        return _body([_value(written.account, contacts=[contact], messages=[message])])


def _content(written: PersonWrote) -> dict[str, Any]:
    if written.media is None:
        return {"type": "text", "text": {"body": written.text}}
    return {"type": written.media.type, written.media.type: _media(written.media, written.text)}


def _media(media: WrittenMedia, caption: str | None) -> dict[str, Any]:
    # here the digest is in base64; the answer of GET /{media_id} has it in hex
    digest = base64.b64encode(media.sha256).decode()
    part: dict[str, Any] = {"id": media.id, "mime_type": media.mime_type, "sha256": digest}
    if caption is not None:
        part["caption"] = caption
    if media.type == "document" and media.filename is not None:
        part["filename"] = media.filename
    if media.type == "audio":
        part["voice"] = False
    if media.type == "sticker":
        part["animated"] = False
    return part


def _mark_read(body: dict[str, Any]) -> Notice:
    if body["status"] != "read":
        raise GraphError(131009, "status must be read")
    if not isinstance(body.get("message_id"), str) or not body["message_id"]:
        raise GraphError(131008, "The parameter message_id is required")
    return Notice({"success": True})


def _status(receipt: Receipt) -> dict[str, Any]:
    message = receipt.message
    status: dict[str, Any] = {
        "id": message.id,
        "status": receipt.status,
        "timestamp": str(int(receipt.at)),
        "recipient_id": message.address,
    }
    if message.opaque is not None:
        status["biz_opaque_callback_data"] = message.opaque
    if receipt.code is not None:
        title = title_of(receipt.code)
        reason = {"code": receipt.code, "title": title, "message": title}
        status["errors"] = [{**reason, "error_data": {"details": receipt.details or title}}]
    return status


def _value(account: str, **content: list[dict[str, Any]]) -> dict[str, Any]:
    metadata = {"display_phone_number": account, "phone_number_id": account}
    return {"messaging_product": "whatsapp", "metadata": metadata, **content}


def _body(values: list[dict[str, Any]]) -> dict[str, Any]:
    changes = [{"field": "messages", "value": value} for value in values]
    entry = {"id": _BUSINESS_ACCOUNT, "changes": changes}
    return {"object": "whatsapp_business_account", "entry": [entry]}

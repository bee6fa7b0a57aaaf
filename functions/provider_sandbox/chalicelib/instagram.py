"""Instagram Messaging on the wire: what it accepts, answers and calls back."""

from typing import Any

from . import ids
from .errors import GraphError, MediaFailed
from .media_rules import INSTAGRAM
from .wire import Media, Notice, PersonWrote, Receipt, Send

_ATTACHMENTS = (*INSTAGRAM, "MEDIA_SHARE", "like_heart", "template")
_WEEK = 7 * 24.0


class Instagram:
    name = "instagram"
    product: str | None = None
    reports: tuple[str, ...] = ("read",)
    reports_failures = False
    text_beside_media = True
    media_rules = INSTAGRAM

    def address(self, given: str) -> str:
        if not given.strip():
            raise ValueError("an Instagram user id is needed")
        return given.strip()

    def read(self, body: dict[str, Any]) -> Send | Notice:
        recipient = body.get("recipient")
        address = recipient.get("id") if isinstance(recipient, dict) else None
        if not isinstance(address, str) or not address.strip():
            raise GraphError(100, "The parameter recipient.id is required")
        if body.get("sender_action") is not None and body.get("message") is None:
            return Notice({"recipient_id": address})
        message = body.get("message")
        if not isinstance(message, dict):
            raise GraphError(100, "The parameter message is required")
        kind = _kind_of(message)
        text = message["text"] if kind == "text" else None
        return Send(address.strip(), kind, text, None, _window_of(body), _media_of(message))

    def new_id(self, account: str, address: str, inbound: bool = False) -> str:
        return ids.mid(account)

    def answer(self, send: Send, message_id: str) -> dict[str, Any]:
        return {"recipient_id": send.address, "message_id": message_id}

    def outside_window(self) -> GraphError:
        return GraphError(10, "This message is sent outside of allowed window.", subcode=2534022)

    def media_refused(self, problem: MediaFailed) -> GraphError:
        if problem.unsuitable:
            return GraphError(100, f"Upload attachment failure: {problem}", subcode=2018047)
        return GraphError(100, f"Failed to fetch the file from the url: {problem}", subcode=2018008)

    def receipts(self, receipts: list[Receipt]) -> dict[str, Any]:
        accounts: dict[str, list[dict[str, Any]]] = {}
        for receipt in receipts:
            message = receipt.message
            event = _event(message.address, message.account, receipt.at)
            event["read"] = {"mid": message.id}
            accounts.setdefault(message.account, []).append(event)
        return _body(accounts)

    def wrote(self, written: PersonWrote) -> dict[str, Any]:
        event = _event(written.address, written.account, written.at)
        event["message"] = {"mid": written.id}
        if written.text is not None:
            event["message"]["text"] = written.text
        if (media := written.media) is not None:
            attachment = {"type": media.type, "payload": {"url": media.url}}
            event["message"]["attachments"] = [attachment]
        if written.reply_to:
            event["message"]["reply_to"] = {"mid": written.reply_to}
        return _body({written.account: [event]})


def _kind_of(message: dict[str, Any]) -> str:
    text, attachment = message.get("text"), message.get("attachment", message.get("attachments"))
    if (text is None) == (attachment is None):
        raise GraphError(100, "message needs either text or an attachment")
    if attachment is None:
        if not isinstance(text, str) or not text:
            raise GraphError(100, "message.text must be a string that is not empty")
        if len(text.encode("utf-8", "surrogatepass")) > 1000:
            raise GraphError(100, "message.text must be at most 1000 bytes in UTF-8")
        return "text"
    parts = _parts_of(message)
    if not parts or not all(isinstance(part, dict) for part in parts):
        raise GraphError(100, "message.attachment must be an object")
    for part in parts:
        _check_attachment(part)
    return str(parts[0]["type"])


def _parts_of(message: dict[str, Any]) -> list[Any]:
    attachment = message.get("attachment", message.get("attachments"))
    return attachment if isinstance(attachment, list) else [attachment]


def _media_of(message: dict[str, Any]) -> Media | None:
    """The first attachment that is to be fetched from a URL; the others are taken unseen."""
    for part in _parts_of(message):
        if part and part["type"] in INSTAGRAM and part["payload"].get("url"):
            return Media(part["type"], link=part["payload"]["url"])
    return None


def _check_attachment(part: dict[str, Any]) -> None:
    kind, payload = part.get("type"), part.get("payload")
    if kind not in _ATTACHMENTS:
        raise GraphError(100, f"message.attachment.type must be one of {', '.join(_ATTACHMENTS)}")
    if kind in INSTAGRAM:
        where = payload if isinstance(payload, dict) else {}
        url = where.get("url")
        named = url is None and where.get("attachment_id")
        if not (named or str(url).startswith(("http://", "https://"))):
            raise GraphError(100, "message.attachment.payload.url must be an http(s) URL")


def _window_of(body: dict[str, Any]) -> float:
    kind = body.get("messaging_type", "RESPONSE")
    if kind not in ("RESPONSE", "UPDATE", "MESSAGE_TAG"):
        raise GraphError(100, "messaging_type must be RESPONSE, UPDATE or MESSAGE_TAG")
    if kind != "MESSAGE_TAG":
        return 24.0
    if body.get("tag") != "HUMAN_AGENT":
        raise GraphError(100, "tag must be HUMAN_AGENT when messaging_type is MESSAGE_TAG")
    return _WEEK


def _event(sender: str, recipient: str, at: float) -> dict[str, Any]:
    ends = {"sender": {"id": sender}, "recipient": {"id": recipient}}
    return {**ends, "timestamp": int(at * 1000)}


def _body(accounts: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    entries = [
        {"id": account, "time": max(event["timestamp"] for event in events), "messaging": events}
        for account, events in accounts.items()
    ]
    return {"object": "instagram", "entry": entries}

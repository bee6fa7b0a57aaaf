"""Echo's bodies: what we send, what callbacks bring, what error codes mean.

Name your sources here. A body is read with models that ignore what they do not know, item by
item: one that cannot be read must not stop the others, and what is `Beside` does not stop its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import Field

from chat4all.channels.graph import Beside, Graph, Group, ProviderId, as_list, read
from chat4all.delivery import InboundUpdate, StatusUpdate
from chat4all.ids import ProviderAddress
from chat4all.message import MAX_TEXT, TextPayload
from chat4all.receipts import Mark

CHANNEL = "echo"

# Sort every code that the provider documents into its group: what the core does follows from it.
_BY_CODE = {
    401: Group.AUTH,  # the breaker opens: nobody's messages pass
    403: Group.ACCOUNT,
    404: Group.RECIPIENT,  # the recipient's next channel is tried
    422: Group.CONTENT,  # FAILED: sending it again cannot help
    429: Group.THROTTLE,  # retried with backoff; holds back this person only
    503: Group.TRANSIENT,  # retried; counts towards the breaker
}


def group_of(code: int, subcode: int | None = None) -> Group | None:
    return _BY_CODE.get(code)


def text_body(to: str, text: str, opaque: str) -> dict[str, Any]:
    """`reference` is the provider's opaque field: it comes back with every status. A provider
    without one gives back its own id, and `references` in the table map that to ours."""
    return {"to": to, "text": text, "reference": opaque}


class _Status(Graph):
    message: ProviderId
    status: Mark
    at: int = Field(ge=0, lt=10**14)
    reference: Beside[ProviderId] = None


class _Written(Graph):
    message: ProviderId
    sender: ProviderAddress = Field(alias="from")
    account: ProviderAddress = Field(alias="to")
    text: str = Field(min_length=1)
    at: int = Field(ge=0, lt=10**14)
    reply_to: Beside[ProviderId] = None


def updates(body: Mapping[str, Any]) -> Iterator[StatusUpdate | InboundUpdate]:
    """Every update that we understand, in its order. Times are milliseconds since 1970."""
    for status in read(_Status, as_list(body.get("statuses"))):
        yield StatusUpdate(
            channel=CHANNEL,
            provider_id=status.message,
            mark=status.status,
            at=status.at,
            opaque=status.reference,
        )
    for written in read(_Written, as_list(body.get("messages"))):
        yield InboundUpdate(
            channel=CHANNEL,
            provider_id=written.message,
            account=written.account,
            address=written.sender,
            reply_to=written.reply_to,
            payload=TextPayload(type="text", text=written.text[:MAX_TEXT]),
            at=written.at,
        )

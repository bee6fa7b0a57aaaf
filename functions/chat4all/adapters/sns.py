"""The topic that events go to. Subscribers filter on the attributes `type`, `conversation_id`
and `channel`; our own queues on `webhooks` and `realtime`, which are there if somebody listens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from chat4all.adapters.aws import available
from chat4all.errors import Unavailable
from chat4all.events.encoding import encoded
from chat4all.ports.events import NO_TRACES, Audience
from chat4all.tracing import HEADER

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sns.type_defs import PublishBatchRequestEntryTypeDef

PUBLISH_AT_ONCE = 10
"""At 20 KB an event, they stay under the 256 KB of a call."""
FILTERABLE = ("conversation_id", "channel")


class SnsPublisher:
    def __init__(self, client: SNSClient, topic_arn: str) -> None:
        self._client = client
        self._topic_arn = topic_arn

    def publish(
        self,
        events: Sequence[Mapping[str, Any]],
        audience: Audience,
        traces: Mapping[str, str] = NO_TRACES,
    ) -> None:
        listening = {name: "yes" for name, there in audience._asdict().items() if there}
        for start in range(0, len(events), PUBLISH_AT_ONCE):
            entries = [
                _entry(number, event, listening, traces.get(event["id"]))
                for number, event in enumerate(events[start : start + PUBLISH_AT_ONCE])
            ]
            with available("events topic"):
                answer = self._client.publish_batch(
                    TopicArn=self._topic_arn, PublishBatchRequestEntries=entries
                )
            if answer.get("Failed"):
                raise Unavailable(f"events topic: {answer['Failed'][0].get('Code')}")


def _entry(
    number: int, event: Mapping[str, Any], listening: Mapping[str, str], trace: str | None
) -> PublishBatchRequestEntryTypeDef:
    attributes = {"type": event["type"], **listening}
    if trace is not None:
        attributes[HEADER] = trace
    data = event["data"]
    attributes |= {name: data[name] for name in FILTERABLE if _is_name(data.get(name))}
    return {
        "Id": str(number),
        "Message": encoded(event).decode(),
        "MessageAttributes": {
            name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()
        },
    }


def _is_name(value: Any) -> bool:
    """As ids and channels are. The topic may refuse anything else, and all of its call with it."""
    return (
        isinstance(value, str) and 0 < len(value) <= 256 and value.isascii() and value.isprintable()
    )

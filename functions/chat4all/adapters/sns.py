"""The topic that events go to. Subscribers filter on the attributes `type`, `conversation_id`
and `channel`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from chat4all.adapters.aws import available
from chat4all.errors import Unavailable

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sns.type_defs import PublishBatchRequestEntryTypeDef

PUBLISH_AT_ONCE = 10
FILTERABLE = ("conversation_id", "channel")


class SnsPublisher:
    def __init__(self, client: SNSClient, topic_arn: str) -> None:
        self._client = client
        self._topic_arn = topic_arn

    def publish(self, events: Sequence[Mapping[str, Any]]) -> None:
        for start in range(0, len(events), PUBLISH_AT_ONCE):
            entries = [
                _entry(number, event)
                for number, event in enumerate(events[start : start + PUBLISH_AT_ONCE])
            ]
            with available("events topic"):
                answer = self._client.publish_batch(
                    TopicArn=self._topic_arn, PublishBatchRequestEntries=entries
                )
            if answer.get("Failed"):
                raise Unavailable(f"events topic: {answer['Failed'][0].get('Code')}")


def _entry(number: int, event: Mapping[str, Any]) -> PublishBatchRequestEntryTypeDef:
    attributes = {"type": event["type"]}
    attributes |= {name: event["data"][name] for name in FILTERABLE if event["data"].get(name)}
    return {
        "Id": str(number),
        "Message": json.dumps(event, separators=(",", ":"), ensure_ascii=False),
        "MessageAttributes": {
            name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()
        },
    }

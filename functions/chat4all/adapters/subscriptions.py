"""Plain HTTP(S) subscriptions of the topic, with a filter on the attributes of its messages."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from botocore.exceptions import ClientError

from chat4all.adapters.aws import available, error_code
from chat4all.errors import Raced, Unavailable
from chat4all.events.types import TRANSIENT
from chat4all.ports.webhooks import EventFilter, SubscriptionState
from chat4all.webhooks.endpoint import EVERYTHING

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient

NOTHING = "nothing"
"""A type that no event has: the filter of a paused subscription."""
NOT_CONFIRMED = "InvalidParameter"
"""What SNS says to whoever ends a subscription that is not confirmed."""


class SnsSubscriptions:
    def __init__(self, client: SNSClient, topic_arn: str) -> None:
        self._client = client
        self._topic_arn = topic_arn

    def subscribe(self, url: str, wanted: EventFilter) -> str:
        if self._arn_of(url) is not None:
            raise Raced("the URL has a subscription")
        with _refused("InvalidParameter"), available("events topic"):
            arn = self._client.subscribe(
                TopicArn=self._topic_arn,
                Protocol=urlsplit(url).scheme,
                Endpoint=url,
                Attributes={"FilterPolicy": filter_policy(wanted)},
                ReturnSubscriptionArn=True,
            )["SubscriptionArn"]
        # An emulator may answer "pending confirmation" all the same.
        found = arn if arn.startswith("arn:") else self._arn_of(url)
        if found is None:
            raise Unavailable("events topic: no ARN of the subscription")
        return found

    def change(self, arn: str, wanted: EventFilter) -> None:
        with _unless("NotFound"), available("subscription"):
            self._client.set_subscription_attributes(
                SubscriptionArn=arn,
                AttributeName="FilterPolicy",
                AttributeValue=filter_policy(wanted),
            )

    def state(self, arn: str) -> SubscriptionState:
        with _unless("NotFound"), available("subscription"):
            answer = self._client.get_subscription_attributes(SubscriptionArn=arn)
            pending = answer["Attributes"].get("PendingConfirmation", "false").lower()
            waits = pending == "true"
            return SubscriptionState.PENDING if waits else SubscriptionState.CONFIRMED
        return SubscriptionState.GONE

    def unsubscribe(self, arn: str) -> None:
        """SNS refuses it for what was never confirmed, and drops that itself after two days. Until
        then it can be confirmed: it shall let nothing through, if SNS takes a filter for it."""
        try:
            with _unless("NotFound"), available("subscription"):
                self._client.unsubscribe(SubscriptionArn=arn)
        except Unavailable as error:
            if _code(error) != NOT_CONFIRMED:
                raise
            with _unless(NOT_CONFIRMED):
                self.change(arn, EventFilter((), paused=True))

    def _arn_of(self, url: str) -> str | None:
        """SNS keeps one subscription a URL, and would hand out the one that is there. One that is
        not confirmed has no ARN here on AWS: subscribing again asks the subscriber again."""
        with available("events topic"):
            pages = self._client.get_paginator("list_subscriptions_by_topic").paginate(
                TopicArn=self._topic_arn
            )
            for page in pages:
                for one in page.get("Subscriptions", []):
                    if one.get("Endpoint") == url and one["SubscriptionArn"].startswith("arn:"):
                        return str(one["SubscriptionArn"])
        return None


def filter_policy(wanted: EventFilter) -> str:
    """A filter policy as JSON. `*` lets types pass that are yet to come."""
    types: list[object] = list(wanted.types)
    if wanted.types == EVERYTHING:
        types = [{"anything-but": list(TRANSIENT)}]
    if wanted.paused:
        types = [NOTHING]
    policy: dict[str, list[object]] = {"type": types}
    if wanted.conversation_id is not None:
        policy["conversation_id"] = [wanted.conversation_id]
    return json.dumps(policy)


@contextmanager
def _unless(*codes: str) -> Iterator[None]:
    """These errors of the service are answers: what was asked is so already."""
    try:
        yield
    except Unavailable as error:
        if _code(error) not in codes:
            raise


@contextmanager
def _refused(code: str) -> Iterator[None]:
    """It has one with another filter, which is not confirmed yet: SNS keeps that for two days."""
    try:
        yield
    except Unavailable as error:
        if _code(error) == code:
            raise Raced(str(error)) from error
        raise


def _code(error: Unavailable) -> str | None:
    cause = error.__cause__
    return error_code(cause).removesuffix("Exception") if isinstance(cause, ClientError) else None

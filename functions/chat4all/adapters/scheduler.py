"""EventBridge Scheduler: one-time schedules that put a message on a queue and delete themselves."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from chat4all.adapters.aws import available, error_code
from chat4all.errors import Unavailable


class EventBridgeScheduler:
    def __init__(self, client: Any, group: str, queue_arn: str, role_arn: str) -> None:
        self._client = client
        self._group = group
        self._queue_arn = queue_arn
        self._role_arn = role_arn

    def at(self, name: str, when: int, body: str) -> None:
        """A second's part is cut off; AWS begins within the minute after."""
        moment = datetime.fromtimestamp(when // 1000, UTC)
        try:
            with available("scheduler"):
                self._client.create_schedule(
                    Name=name,
                    GroupName=self._group,
                    ScheduleExpression=f"at({moment:%Y-%m-%dT%H:%M:%S})",
                    ScheduleExpressionTimezone="UTC",
                    FlexibleTimeWindow={"Mode": "OFF"},
                    ActionAfterCompletion="DELETE",
                    Target={"Arn": self._queue_arn, "RoleArn": self._role_arn, "Input": body},
                )
        except Unavailable as error:
            cause = error.__cause__
            if not (isinstance(cause, ClientError) and error_code(cause) == "ConflictException"):
                raise

"""The environment, as a typed model. Read once, by `bootstrap`."""

from __future__ import annotations

import os
from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict


class Settings(BaseModel):
    """Each function has the variables that it needs (template.yaml); the others stay empty."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)
    stage: str = "local"
    table_name: str = ""
    inbound_queue_url: str = ""
    callbacks_queue_url: str = ""
    channel_queue_url: str = ""
    uploads_queue_url: str = ""
    media_queue_url: str = ""
    attempts_queue_url: str = ""
    webhooks_queue_url: str = ""
    webhooks_queue_arn: str = ""
    realtime_queue_url: str = ""
    erasures_queue_url: str = ""
    queue_prefix: str = ""
    events_topic_arn: str = ""
    relay_dead_letter_queue_url: str = ""
    token_key_ids: str = ""
    """With commas between: the first one signs, all verify."""
    token_issuer: str = ""
    oidc_issuer: str = ""
    oidc_audience: str = ""
    oidc_user_claim: str = "sub"
    channel: str = ""
    files_bucket: str = ""
    public_url: str = ""
    files_url: str = ""
    sockets_url: str = ""
    loopback_webhooks: str = "no"
    schedule_group: str = ""
    scheduler_role_arn: str = ""
    webhook_schedule: str = "0,5,300,1800,7200,18000,36000,36000"
    otlp_endpoint: str = ""
    """Where spans go, such as http://localhost:4318; nowhere if empty."""
    trace_share: float = 0.05
    """Of traces that begin with us, those that count as sampled."""

    @property
    def is_local(self) -> bool:
        """The stage of one machine, where webhooks may go to this machine by plain HTTP. That must
        be said twice: on AWS the machine is the function's, with its credentials."""
        return self.stage == "local" and self.loopback_webhooks == "yes"

    @property
    def queue_url_prefix(self) -> str:
        """What stands before a queue's short name in its URL, taken from any URL that is known."""
        for url in (
            self.inbound_queue_url,
            self.callbacks_queue_url,
            self.channel_queue_url,
            self.uploads_queue_url,
            self.media_queue_url,
            self.attempts_queue_url,
        ):
            if url:
                return f"{url.rpartition('/')[0]}/{self.queue_prefix}-"
        return ""


def from_environment(environment: Mapping[str, str] = os.environ) -> Settings:
    return Settings(**{name.lower(): value for name, value in environment.items()})

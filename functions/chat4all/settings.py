"""The environment, as a typed model. Read once, by `bootstrap`."""

from __future__ import annotations

import os
from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict


class Settings(BaseModel):
    """Each function has the variables that it needs (template.yaml); the others stay empty."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    stage: str = "local"
    table_name: str = ""
    inbound_queue_url: str = ""
    callbacks_queue_url: str = ""
    channel_queue_url: str = ""
    uploads_queue_url: str = ""
    media_queue_url: str = ""
    queue_prefix: str = ""
    events_topic_arn: str = ""
    relay_dead_letter_queue_url: str = ""
    token_key_id: str = ""
    token_issuer: str = ""
    channel: str = ""
    files_bucket: str = ""
    public_url: str = ""

    @property
    def queue_url_prefix(self) -> str:
        """What stands before a queue's short name in its URL, taken from any URL that is known."""
        for url in (
            self.inbound_queue_url,
            self.callbacks_queue_url,
            self.channel_queue_url,
            self.uploads_queue_url,
            self.media_queue_url,
        ):
            if url:
                return f"{url.rpartition('/')[0]}/{self.queue_prefix}-"
        return ""


def from_environment(environment: Mapping[str, str] = os.environ) -> Settings:
    return Settings(**{name.lower(): value for name, value in environment.items()})

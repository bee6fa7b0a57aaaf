"""What the connector must be told: docs/channels/whatsapp.md says where each comes from."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)
    base_url: str = "https://graph.facebook.com"
    api_version: str = "v23.0"
    account: str
    """The phone number id that sends when an identity names no other."""
    access_token: str
    app_secret: str
    verify_token: str

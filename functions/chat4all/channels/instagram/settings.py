"""What the connector must be told: docs/channels/instagram.md says where each comes from."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)
    base_url: str = "https://graph.instagram.com"
    api_version: str = "v23.0"
    account: str
    """The Instagram professional account id that sends when an identity names no other."""
    access_token: str
    app_secret: str
    verify_token: str

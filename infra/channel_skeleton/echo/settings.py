"""What the connector must be told, from the parameter /chat4all/{stage}/channels/echo."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Settings(BaseModel):
    """Write down where each value comes from: docs/channels/echo.md."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    base_url: str
    account: str
    """Ours: the number, page or bot that sends when an identity names no other."""
    access_token: str
    app_secret: str
    """The provider signs its callbacks with it."""
    verify_token: str

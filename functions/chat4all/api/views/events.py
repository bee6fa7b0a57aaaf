"""The log of events."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from chat4all.api.views.base import View


class EventPage(View):
    items: list[dict[str, Any]]
    next_cursor: str = Field(description="Always there: where to go on, now or later.")
    has_more: bool = Field(description="Ask again at once; else in a while.")

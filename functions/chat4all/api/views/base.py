"""What all views have in common."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class View(BaseModel):
    model_config = ConfigDict(populate_by_name=True, hide_input_in_errors=True)

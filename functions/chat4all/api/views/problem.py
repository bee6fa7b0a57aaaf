"""What is refused."""

from __future__ import annotations

from pydantic import ConfigDict, Field

from chat4all.api.views.base import View


class Problem(View):
    """What a refused request is answered with."""

    model_config = ConfigDict(extra="allow")
    type: str = Field("about:blank", description="Where the code is explained.")
    title: str
    status: int
    code: str = Field(description="Stable: branch on this.")
    detail: str

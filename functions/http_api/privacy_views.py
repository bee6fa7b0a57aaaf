"""What is told of an erasure."""

from __future__ import annotations

from typing import Literal

from chat4all.privacy.erasing import ERASED, REMAINS
from http_api.views import View


class FactOut(View):
    what: str
    why: str


class WhenOut(View):
    what: str
    when: str


class ErasureOut(View):
    """What goes with a person who is erased, and what stays."""

    user_id: str
    status: Literal["erasing"] = "erasing"
    erased: list[WhenOut]
    remains: list[FactOut]

    @classmethod
    def of(cls, user_id: str) -> ErasureOut:
        return cls(
            user_id=user_id,
            erased=[WhenOut(what=fact.what, when=fact.when) for fact in ERASED],
            remains=[FactOut(what=fact.what, why=fact.why) for fact in REMAINS],
        )

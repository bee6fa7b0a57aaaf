"""How a client's frames are answered.

Answers have no `id`, which events have, but the `request_id` of the frame that they answer.
"""

from __future__ import annotations

import json
from typing import Any

from chat4all.errors import Rejected
from chat4all.problems import problem_details, problem_of

Answer = dict[str, Any]


def answer(kind: str, request_id: str | None, **more: Any) -> Answer:
    named = {"request_id": request_id} if request_id is not None else {}
    return {"type": kind, **named, **more}


def refusal(request_id: str | None, error: Rejected) -> Answer:
    return answer("error", request_id, problem=problem_of(error))


def unavailable(request_id: str | None) -> Answer:
    detail = "Something under us did not answer. Send the same frame again: it is safe."
    problem = problem_details(503, "unavailable", "Service unavailable", detail)
    return answer("error", request_id, problem=problem)


def wire(frame: Answer) -> bytes:
    """Answers and events as they are posted. Half a surrogate pair, which JSON can hold and UTF-8
    cannot, becomes a question mark."""
    text = json.dumps(frame, separators=(",", ":"), ensure_ascii=False)
    return text.encode("utf-8", "replace")

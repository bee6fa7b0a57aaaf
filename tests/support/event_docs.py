"""The part of docs/events.md that tells of each type: an example, as it is really made, and the
JSON schema. `python -m tests.support.event_docs` writes it; a test holds the page to it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from chat4all.events import TYPES, Event, filled
from chat4all.events.schemas import described, schema
from chat4all.events.types import ENDPOINT_TEST, MESSAGE_ACCEPTED, MESSAGE_RECEIVED
from chat4all.receipts import Failure, Mark
from tests.builders import NOW, a_message, an_id, text
from tests.event_samples import CHANGES, a_place, events

PAGE = Path(__file__).parents[2] / "docs/events.md"
BEGIN = "<!-- made by `python -m tests.support.event_docs` -->"
END = "<!-- end of what is made -->"
WIDTH = 100
OTHERS: dict[str, dict[str, Any]] = {
    "typing": {"conversation_id": an_id(900), "user_id": "bo", "typing": True},
    ENDPOINT_TEST: {"webhook_id": an_id(6), "message": "This is a test of your endpoint."},
}


def examples() -> dict[str, Event]:
    """One event of each type."""
    told = [event for old, new, _ in CHANGES for event in events(old, new)]
    times = {(0, mark): NOW + 1000 for mark in (Mark.SENT, Mark.DELIVERED, Mark.READ)}
    failure = Failure(code="131026", reason="Message undeliverable")
    told += events(
        None,
        a_place(
            origin="whatsapp", times=times | {(1, Mark.FAILED): NOW + 1000}, failures={1: failure}
        ),
    )
    found = {event["type"]: event for event in reversed(told)}
    message = a_message(payload=text("Where is my order?"), metadata={"topic": "orders"})
    for kind in (MESSAGE_ACCEPTED, MESSAGE_RECEIVED):
        found[kind] = filled(found[kind], message)
    return found | {
        kind: {**found["presence"], "type": kind, "data": data} for kind, data in OTHERS.items()
    }


def section() -> str:
    made = examples()
    return "\n\n".join([BEGIN, *(_told(made[kind]) for kind in (*TYPES, ENDPOINT_TEST)), END])


def _told(event: Event) -> str:
    kind = event["type"]
    return "\n".join(
        [
            f"### `{kind}`",
            "",
            described(kind),
            "",
            "```json",
            shown(event),
            "```",
            "",
            "<details><summary>JSON schema</summary>",
            "",
            "```json",
            shown(schema(kind)),
            "```",
            "",
            "</details>",
        ]
    )


def shown(value: Any, indent: int = 0) -> str:
    """JSON, a line for what fits on one; lists of words have one in any case."""
    text = json.dumps(value, ensure_ascii=False)
    if len(text) + indent <= WIDTH or "{" not in text:
        return text
    inner, pad = " " * (indent + 2), " " * indent
    if isinstance(value, list):
        lines = [inner + shown(item, indent + 2) for item in value]
        return "[\n" + ",\n".join(lines) + f"\n{pad}]"
    lines = [f"{inner}{json.dumps(name)}: {shown(v, indent + 2)}" for name, v in value.items()]
    return "{\n" + ",\n".join(lines) + f"\n{pad}}}"


def main() -> None:
    page = PAGE.read_text(encoding="utf-8")
    before, after = page.partition(BEGIN)[0], page.partition(END)[2]
    PAGE.write_text(before + section() + after, encoding="utf-8")


if __name__ == "__main__":
    main()

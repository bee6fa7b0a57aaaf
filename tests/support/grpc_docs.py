"""The table of all methods in docs/grpc.md. `python -m tests.support.grpc_docs` writes it; a test
holds the page to it."""

from __future__ import annotations

from pathlib import Path

from chat4all.access.rules import Who
from grpc_front.calls import Method
from grpc_front.methods import METHODS, PACKAGE

PAGE = Path(__file__).parents[2] / "docs/grpc.md"
BEGIN = "<!-- made by `python -m tests.support.grpc_docs` -->"
END = "<!-- end of what is made -->"
HEAD = ["| method | as | [scopes](api.md#scopes) | for | counts |", "|---|---|---|---|---|"]
OF_FRAMES = "[each frame](#messagesstream) has its own"
FOR = {Who.ANYONE: "anybody, without a token", Who.SERVICE: "services", Who.CALLER: ""}


def section() -> str:
    rows = [_row(name.removeprefix(f"{PACKAGE}."), METHODS[name]) for name in sorted(METHODS)]
    return "\n".join([BEGIN, *HEAD, *rows, END])


def _row(name: str, method: Method) -> str:
    scopes = ", ".join(f"`{scope}`" for scope in sorted(method.rule.scopes))
    route = f"`{method.route}`" if method.route else ""
    counts = "yes" if method.writes else ""
    asked = scopes if method.route else OF_FRAMES
    return f"| `{name}` | {route} | {asked} | {FOR[method.rule.who]} | {counts} |"


def main() -> None:
    page = PAGE.read_text(encoding="utf-8")
    before, after = page.partition(BEGIN)[0], page.partition(END)[2]
    PAGE.write_text(before + section() + after, encoding="utf-8")


if __name__ == "__main__":
    main()

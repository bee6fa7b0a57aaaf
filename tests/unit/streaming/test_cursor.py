"""The cursor of the log: it fits what it must hold, and is nobody's to make."""

import pytest

from chat4all.cursors import Cursors
from chat4all.errors import Invalid
from chat4all.events.cursor import MAX_BEYOND, MAX_LENGTH, LogCursor
from chat4all.ports.events import Position
from tests.builders import CURSORS, NOW

pytestmark = pytest.mark.req("RF-008")


def full() -> LogCursor:
    pages = (f"{NOW + 20 * n:013d}#{0xFFFFFFFF - n:08x}" for n in range(MAX_BEYOND))
    return LogCursor(Position(f"{NOW - 1:013d}#~~", 9999), dict.fromkeys(pages, 65_535))


def test_a_full_one_comes_back_and_is_short_enough() -> None:
    text = full().encoded(CURSORS)

    assert LogCursor.decoded(CURSORS, text) == full()
    assert len(text) <= MAX_LENGTH


def test_one_without_pages_beyond_is_as_the_log_always_gave_it() -> None:
    text = LogCursor(Position("1760000000000#00000001", 3)).encoded(CURSORS)

    assert text == CURSORS.encode("events", "1760000000000#00000001", 3)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        full().encoded(Cursors(b"x" * 32)),
        full().encoded(CURSORS)[:-4],
        CURSORS.encode("messages", "1760000000000", 0),
    ],
)
def test_another_text_is_none(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        LogCursor.decoded(CURSORS, text)

    assert refused.value.code == "bad_cursor"

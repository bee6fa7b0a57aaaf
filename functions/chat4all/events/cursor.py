"""Where a reader of the log has come to. Clients hand it back and read nothing into it.

All up to `after` was given, and of the later pages in `beyond` so many events. Whoever stays five
seconds behind the clock needs no more than `after`. Whoever reads up to now does: pages may still
appear between those that are there.
"""

from __future__ import annotations

import base64
import struct
from collections.abc import Mapping
from typing import NamedTuple

from chat4all.cursors import Cursors
from chat4all.errors import Invalid
from chat4all.ports.events import NOTHING, Position

PURPOSE = "events"
MAX_LENGTH = 4096
"""What fits into the trailers of a gRPC call and into a URL."""
MAX_BEYOND = 290
"""Pages: so many fit. At 48 a second they are those of the last six seconds."""
MAX_LATER = 2**16
"""ms; none of them is so much later than `after`."""
_PAGE = struct.Struct(">HIH")
"""Milliseconds after `after`, the random part, and how many events were given."""


class LogCursor(NamedTuple):
    after: Position
    beyond: Mapping[str, int] = NOTHING

    def encoded(self, cursors: Cursors) -> str:
        if not self.beyond:
            return cursors.encode(PURPOSE, *self.after)
        begin = int(self.after.page[:13])
        packed = b"".join(
            _PAGE.pack(int(page[:13]) - begin, int(page[14:], 16), number)
            for page, number in sorted(self.beyond.items())
        )
        return cursors.encode(PURPOSE, *self.after, base64.b85encode(packed).decode())

    @classmethod
    def decoded(cls, cursors: Cursors, text: str) -> LogCursor:
        """Raises Invalid for any text that is no cursor of the log."""
        try:
            page, index = cursors.decode(PURPOSE, text, str, int, longest=MAX_LENGTH)
            return cls(Position(str(page), int(index)))
        except Invalid:
            page, index, packed = cursors.decode(PURPOSE, text, str, int, str, longest=MAX_LENGTH)
        begin = int(str(page)[:13])
        found = _PAGE.iter_unpack(base64.b85decode(str(packed)))
        beyond = {f"{begin + later:013d}#{chance:08x}": number for later, chance, number in found}
        return cls(Position(str(page), int(index)), beyond)

    def has_room_for(self, page: str) -> bool:
        """Beyond `after`."""
        later = int(page[:13]) - int(self.after.page[:13])
        return page in self.beyond or (len(self.beyond) < MAX_BEYOND and later < MAX_LATER)

    def moved(self, after: Position) -> LogCursor:
        """All up to there was given, too."""
        beyond = {page: n for page, n in self.beyond.items() if page > after.page}
        return LogCursor(after, beyond)

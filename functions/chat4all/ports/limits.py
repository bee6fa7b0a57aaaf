"""What all processes together have given a caller to spend."""

from __future__ import annotations

from typing import Protocol


class AllowanceStore(Protocol):
    def lease(self, subject: str, minute: int, wanted: int) -> int:
        """Add to what is leased of a caller's minute; what it comes to, this lease included.

        `minute` counts from 1970. No two leases of a minute are answered with the same sum, so
        whoever is answered n has the places from n - wanted + 1 to n, and nobody else has them.
        The sum may go beyond the limit, which only its callers know.

        Raises:
            Unavailable: it may have been added and may not: those places are nobody's then.
        """
        ...

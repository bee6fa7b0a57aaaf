"""Keys that the stack makes for itself.

KEY#name / KEY      a key, for good
"""

from __future__ import annotations

from collections.abc import Callable

from chat4all.adapters.dynamodb.table import Table


class DynamoKeyStore:
    def __init__(self, table: Table) -> None:
        self._table = table

    def agreed(self, name: str, make: Callable[[], bytes]) -> bytes:
        there = self._table.get(f"KEY#{name}", "KEY", fresh=True)
        if there is None:
            made = make()
            there = self._table.put_new({"pk": f"KEY#{name}", "sk": "KEY", "secret": made})
            if there is None:
                return made
        return bytes(there["secret"].value)

"""Stream records of PartiQL statements, by which the product writes receipts and members.

MiniStack 1.5.33 writes none for them; AWS writes one for every change, whichever call made it.
"""

import threading
from typing import Any


def stream_statements(tables: Any) -> None:
    """Write a stream record for each item that a statement puts, changes or deletes."""
    set_item, remove_item = tables._set_item, tables._remove_item
    running = threading.local()

    def noting(original: Any) -> Any:
        def run(table: Any, parsed: dict[str, Any], *args: Any, **options: Any) -> Any:
            running.table = parsed["table"]
            try:
                return original(table, parsed, *args, **options)
            finally:
                running.table = None

        return run

    def set_told(table: Any, pk: Any, sk: Any, item: Any) -> Any:
        old = set_item(table, pk, sk, item)
        if name := getattr(running, "table", None):
            tables._emit_stream_event(name, "MODIFY" if old else "INSERT", old, item)
        return old

    def remove_told(table: Any, pk: Any, sk: Any) -> Any:
        old = remove_item(table, pk, sk)
        if old and (name := getattr(running, "table", None)):
            tables._emit_stream_event(name, "REMOVE", old, None)
        return old

    tables._set_item, tables._remove_item = set_told, remove_told
    for name in ("_partiql_insert", "_partiql_update", "_partiql_delete"):
        setattr(tables, name, noting(getattr(tables, name)))

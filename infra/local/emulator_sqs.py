"""Queues of the local emulator that lose nothing while they are long and busy.

MiniStack 1.5.33 takes messages away by giving a queue a new list without them. Requests do so in
its event loop and mappings in threads of their own, without a common lock: what is sent between
the copy and its assignment is lost, and what another thread took away meanwhile is back, received
and in flight, so that its FIFO group stands still until the visibility time-out.
"""

import threading
from typing import Any

BY_QUEUE = ("_dlq_sweep", "_expire_retained")
"""Functions that get the queue and may give it another list."""
BY_URL = ("_delete_messages_for_esm", "_act_delete_message", "_act_delete_message_batch")
"""Those that look the queue up by its URL."""
LOOKING = ("_collect_msgs", "_act_change_visibility", "_act_change_visibility_batch")
"""Those that go through the list, and must not do so while it shrinks."""


def keep_messages(queues: Any) -> None:
    """Take messages out of the list that is there, one thread at a time; sends may go on."""
    lock = queues._queues_lock = threading.RLock()
    looked_up = threading.local()
    get_queue = queues._get_q

    def get_copy(*args: Any, **options: Any) -> Any:
        queue = get_queue(*args, **options)
        copies = getattr(looked_up, "copies", None)
        if copies is None:
            return queue
        copy = {**queue, "messages": list(queue["messages"])}
        copies.append((queue, copy, copy["messages"]))
        return copy

    def by_url(original: Any) -> Any:
        def run(*args: Any, **options: Any) -> Any:
            with lock:
                looked_up.copies = copies = []
                try:
                    return original(*args, **options)
                finally:
                    looked_up.copies = None
                    for queue, copy, before in copies:
                        _take_away(queue["messages"], before, copy["messages"])

        return run

    def by_queue(original: Any) -> Any:
        def run(queue: dict[str, Any]) -> Any:
            with lock:
                before = list(queue["messages"])
                copy = {**queue, "messages": before}
                result = original(copy)
                _take_away(queue["messages"], before, copy["messages"])
                return result

        return run

    def looking(original: Any) -> Any:
        def run(*args: Any, **options: Any) -> Any:
            with lock:
                return original(*args, **options)

        return run

    queues._get_q = get_copy
    for names, wrap in ((BY_URL, by_url), (BY_QUEUE, by_queue), (LOOKING, looking)):
        for name in names:
            original = getattr(queues, name)
            setattr(queues, name, wrap(original))
            for action, handler in queues._HANDLERS.items():
                if handler is original:
                    queues._HANDLERS[action] = getattr(queues, name)


def _take_away(messages: list[Any], before: list[Any], after: list[Any]) -> None:
    """Take out of `messages` what was before and is not after; what was added meanwhile stays."""
    if len(before) == len(after):
        return
    left = {id(message) for message in after}
    gone = {id(message) for message in before if id(message) not in left}
    position = 0
    while gone and position < len(messages):
        if id(messages[position]) in gone:
            gone.discard(id(messages.pop(position)))
        else:
            position += 1

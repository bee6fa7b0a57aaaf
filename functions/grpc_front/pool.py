"""Threads, for what waits for the network."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from contextvars import copy_context
from typing import Any, TypeVar

Result = TypeVar("Result")


async def blocking(pool: Executor | None, function: Callable[..., Result], *args: Any) -> Result:
    """Run what waits for the network in the pool. One that has not begun when nobody waits for it
    any more is not begun."""
    run = copy_context().run  # what is logged there has the call's request id
    return await asyncio.get_running_loop().run_in_executor(pool, run, function, *args)

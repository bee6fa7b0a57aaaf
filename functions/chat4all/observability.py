"""Logs: one JSON line per fact, with ids and never with bodies or secrets."""

from __future__ import annotations

import traceback
from functools import cache

from aws_lambda_powertools import Logger
from pydantic import ValidationError


@cache
def logger() -> Logger:
    """Service and level come from POWERTOOLS_SERVICE_NAME and POWERTOOLS_LOG_LEVEL."""
    return Logger()


def without_data(error: Exception) -> str:
    """What is wrong with something that cannot be read, without what it says: the error's class,
    and the places that a model refused. The error's own text may repeat a message or a number."""
    if not isinstance(error, ValidationError):
        return type(error).__name__
    wrong = error.errors(include_url=False, include_context=False, include_input=False)
    places = (f"{'.'.join(map(str, each['loc']))} {each['type']}" for each in wrong)
    return f"ValidationError: {', '.join(places)}"


def log_bug(error: Exception) -> None:
    """Where it was raised and what it is, without its text."""
    frames = traceback.extract_tb(error.__traceback__)
    stack = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
    logger().error("unexpected error", reason=without_data(error), stack=stack)

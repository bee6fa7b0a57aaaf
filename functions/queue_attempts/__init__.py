"""Finds out who wants an event, and has it attempted."""

"""Hands queued messages to a channel."""

"""Clients that are connected by a WebSocket, and what they missed while they were not.

    client ─frame─▶ acting ─▶ the same use cases as the HTTP API ─▶ an answer by the socket
    topic ─▶ queue ─▶ pushing ─▶ the sockets of the event's audience

Whoever was away catches up with `resuming` (by the socket) or `syncing` (by HTTP).
"""

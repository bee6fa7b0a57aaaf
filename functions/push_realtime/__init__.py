"""Events to connected clients."""

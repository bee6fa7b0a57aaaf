"""Posts events to subscribers."""

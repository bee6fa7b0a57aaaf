"""Takes what providers call back with."""

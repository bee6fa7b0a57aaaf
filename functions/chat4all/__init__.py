"""Chat4All: one API to people on every channel. Models and rules here; I/O in `adapters`."""

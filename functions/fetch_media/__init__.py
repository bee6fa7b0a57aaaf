"""Streams what people send on channels into the bucket."""

"""Erases people, and the bytes of files that were deleted."""

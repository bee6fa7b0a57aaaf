"""Applies what providers called back with."""

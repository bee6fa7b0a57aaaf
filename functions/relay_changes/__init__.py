"""Tells the world what changed."""

"""Gives accepted messages their place and their way."""

"""Decides who may call the HTTP API."""

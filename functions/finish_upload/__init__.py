"""Checks and closes finished uploads."""

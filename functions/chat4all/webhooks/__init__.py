"""Webhooks: who wants to be told of events, and how often they are asked until they take one."""

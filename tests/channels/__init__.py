"""Channels against real servers that keep their own log."""

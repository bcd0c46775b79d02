"""Runs on the real Temporal server."""

"""Frozen messages shared between the rooms."""

"""Simulator and Temporal tell the same story: the same log, line by line."""

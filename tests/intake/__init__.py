"""Intake: from the inbox to the runs."""

"""The Temporal side of the engine."""

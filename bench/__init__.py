"""Benchmarks: every budget of the house, measured beside the bare hand-written Temporal workflow."""

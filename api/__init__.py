"""The HTTP door: events in, reports and work out."""

"""Real HTTP servers that stand for the providers: each judges requests itself and keeps a log of its own."""

"""Real HTTP servers that stand for the outside: they judge requests as the providers do and keep their own log."""

"""Effects against a real store and servers that stand for the providers."""

"""Effects that journeys ask for, one module a kind."""

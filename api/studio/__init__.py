"""Studio: the page on which journeys are written, and what it asks the API for."""

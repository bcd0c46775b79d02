"""The pure core: a journey, a position and news give a new position and commands."""

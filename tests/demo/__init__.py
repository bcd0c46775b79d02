"""The demo: its file, and its stories lived on a real system."""

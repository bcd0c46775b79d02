"""The journey language: YAML text to a checked, compiled journey."""

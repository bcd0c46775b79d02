"""From YAML nodes to the words of a journey: one model and one reading for each verb."""

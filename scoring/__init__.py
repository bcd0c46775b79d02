"""From events to scores, from outcomes to models."""

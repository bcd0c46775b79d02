"""The commands of `cauce`, a module for each group; `house` has what they all stand on."""

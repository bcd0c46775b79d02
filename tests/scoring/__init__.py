"""Tests of the scorer: the rules, the contract and its client."""

"""Tests of the journey language."""

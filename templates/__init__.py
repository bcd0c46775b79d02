"""Liquid and MJML to finished messages."""

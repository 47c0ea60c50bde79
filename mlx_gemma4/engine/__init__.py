"""Requests to events."""

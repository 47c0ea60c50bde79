"""Conversations and their files in one folder: SQLite on threads of its own, files by the hash of what is in them."""

"""Answers as models write them: Markdown that grows."""

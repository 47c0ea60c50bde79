"""Where the question is written."""

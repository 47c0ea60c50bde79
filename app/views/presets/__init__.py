"""Where ways of answering are made."""

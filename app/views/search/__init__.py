"""Looking for words in all conversations."""

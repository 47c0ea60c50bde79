"""What Prism keeps on disk: preferences; conversations in SQLite, and their files by the hash of what is in them."""

"""What the screen shows, as objects that say when they change; no widgets."""

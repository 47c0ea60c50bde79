"""Token ids to events, with the standard library alone."""

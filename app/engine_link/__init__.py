"""The app's way to the engine: requests out, events in."""

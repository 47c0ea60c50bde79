"""One hour of speech through the engine's process, by hand: `make soak`."""

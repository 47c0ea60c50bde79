"""The language that engine, command line and window speak: frozen dataclasses, standard library only."""

"""Prism: the window. Of the engine's package it knows the protocol alone."""

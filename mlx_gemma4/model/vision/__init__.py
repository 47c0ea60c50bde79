"""The picture tower."""

"""What Prism.app runs; in a checkout nothing imports it."""

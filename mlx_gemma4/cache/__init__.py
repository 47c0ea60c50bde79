"""Keys and values of what the model has seen."""

"""What the encoder-free model (12B) has in place of towers."""

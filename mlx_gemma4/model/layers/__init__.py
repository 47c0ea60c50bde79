"""Small layers that the decoder and the towers share."""

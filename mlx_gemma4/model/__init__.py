"""The Gemma 4 model: tensors in, logits out."""

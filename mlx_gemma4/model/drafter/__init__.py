"""The small model beside Gemma 4 that guesses several tokens ahead (multi-token prediction)."""

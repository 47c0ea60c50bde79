"""The picture beside the conversation, with the boxes that the answer puts on it."""

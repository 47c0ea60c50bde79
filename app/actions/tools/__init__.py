"""What a model may have done for it in the middle of an answer: the tools themselves, and running them with consent."""

"""Our model beside the reference implementation, transformers."""

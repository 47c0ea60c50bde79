"""A model that another program serves, over the protocol that OpenAI began and many speak."""

"""How alike a screenshot and a rendered page are, from their pixels alone."""

"""Screenshot → HTML: made safe, rendered, and its real pictures put in."""

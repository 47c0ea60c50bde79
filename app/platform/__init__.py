"""What differs between systems, and where things lie on disk, behind plain functions."""

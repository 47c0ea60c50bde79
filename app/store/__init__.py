"""What Prism keeps on disk for the person."""

"""What members ask of authorities, and what became of it."""

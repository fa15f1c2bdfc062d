"""The programme's own pages."""

"""The observatory: public pages of published editions; no figure of its own."""

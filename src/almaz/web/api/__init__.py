"""The open API: the readings of the observatory for programs. Read only; no key is needed."""

"""Almaz: know, grow and govern a region's economic clusters, from its own statistics."""

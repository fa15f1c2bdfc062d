"""Who could join the cluster: candidates from supply gaps and related industries, and the pipeline of contacts."""

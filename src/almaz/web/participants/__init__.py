"""Who makes the cluster: organisations of the article's kinds, people, and their ties."""

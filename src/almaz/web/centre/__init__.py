"""The coordination centre's workspace: a cluster as an undertaking, who belongs to it, and what every record has in common."""

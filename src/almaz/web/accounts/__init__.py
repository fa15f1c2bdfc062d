"""People who sign in: by e-mail and password, with a second factor if they wish; invited, never self-registered."""

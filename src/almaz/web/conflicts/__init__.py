"""Conflicts between members and their mediation; seen by the parties and managers alone."""

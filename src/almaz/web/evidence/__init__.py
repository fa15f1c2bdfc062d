"""Judgements of conditions, preconditions, obstacles and the diamond, each with who, when, why and an attachment."""

"""What a programme changed: directions, regressions, evaluation, horizon, and the loop back to the programme."""

"""`python -m almaz` is the command `almaz`."""

from almaz.cli import main

main()

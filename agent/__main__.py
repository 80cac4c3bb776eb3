"""`python -m agent` is `psa`."""

from agent.cli import main

main()

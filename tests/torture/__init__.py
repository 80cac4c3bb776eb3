"""Nothing lost, nothing doubled, nothing unapproved: kills, hostile planners, interleavings. See `tests/contract.py`."""

"""Nothing lost, doubled or unapproved: kills, hostile planners, interleavings. See `tests/contract.py`."""

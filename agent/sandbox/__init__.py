"""The PostSyncer service in a box: an ASGI app over a small SQLite world, for trials, tests and a first run."""

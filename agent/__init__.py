"""PostSyncer agent: goals in plain words become drafts that a person reviews."""

__version__ = "0.1.0"

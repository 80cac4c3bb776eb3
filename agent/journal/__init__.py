"""What happened: records, their fold, and where they are kept."""

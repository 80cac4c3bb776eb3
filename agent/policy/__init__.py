"""What may happen: rules, limits and verdicts, as pure functions over plain data."""

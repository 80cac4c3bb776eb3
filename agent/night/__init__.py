"""Unattended jobs: read, found due, checked for, carried out side by side, and told in the morning."""

"""The commands of `psa`, one file per group; no logic of their own."""

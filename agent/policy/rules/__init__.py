"""The rules: small pure functions from a case and parameters to what they find."""

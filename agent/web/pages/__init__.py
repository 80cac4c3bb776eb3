"""One module a page: its routes, and what its templates are given."""

"""The shipped world `agency`: the clients of a social-media agency, made by a seeded generator."""

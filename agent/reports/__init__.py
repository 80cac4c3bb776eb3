"""A run told to people: from its state to one object, to blocks of words, to Markdown and to the terminal."""

"""The conversation: goals one after the other in one run, and its two faces, a terminal and plain lines."""

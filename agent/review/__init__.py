"""The queue of cards, tasks, questions and drafts, and what people do with them."""

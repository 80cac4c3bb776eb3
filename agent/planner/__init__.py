"""Who proposes: the model wire, the prompts, and the loop that advances a run."""

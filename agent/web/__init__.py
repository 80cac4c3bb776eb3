"""The pages: the queue, the calendar, runs, the chat and the rest in a browser, served by `psa serve`."""

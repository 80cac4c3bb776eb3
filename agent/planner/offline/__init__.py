"""The offline planner: rules instead of a language model, behind the same chat-completions door.

It knows only what stands in a request: what exists (the digest), the goal, later messages, and the answers of tools. It
follows English goals of the kinds below and nothing else; a goal of which any part is not understood is finished with
`refused` and without another call. `docs/OFFLINE.md` shows examples and how times are read.

- Draft quoted words for named networks, or everywhere; several quotations are several drafts.
- Draft plain texts about a subject, up to seven different ones, or announce something.
- Schedule a new post for a day and a time or the next free slot; several posts spread over a span of days.
- Publish a new post now.
- A thread of quoted parts, or of a given number of texts about a subject.
- With a picture or video: from the library by name, imported from an address, uploaded from a path.
- With a first comment, a link, a title for YouTube, a cover, labels.
- Schedule, move, publish, unschedule, delete or label posts by number, by words in them, or "it"; move the post of a
  day; label all that is about something.
- List drafts, scheduled, published or failed posts.
- Reply to comments that nobody answered; tell how posts did.
- Delete empty folders; disconnect an account.
- Upload or import a file and nothing else.
"""

from agent.planner.offline.app import build_planner_app

__all__ = ["build_planner_app"]

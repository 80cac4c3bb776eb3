"""What a call is about, from its arguments as the journal keeps them."""

from agent.journal import records as r

#: Reads that make the service fetch from the networks, remembered by post.
SYNCS = frozenset({"SyncComments", "SyncPostAnalytics", "ListComments"})

#: Reads whose answers hold words of strangers.
_STRANGERS = frozenset({"ListComments", "GetComment", "AnalyzeTwitterPost"})


def from_outside(operation: str, arguments: str) -> bool:
    """Whether a read's answer may hold words of strangers: comments, posts of others, what a model made of them."""
    if operation in _STRANGERS:
        return True
    return "include_comments" in arguments and r.ARGUMENTS.validate_json(arguments).get("include_comments") is True


def object_id_of(arguments: str) -> int:
    """The id a call is about, from its JSON arguments; 0 where it names none."""
    values = r.ARGUMENTS.validate_json(arguments)
    for name in ("id", "post", "post_id", "comment", "media_id", "folder_id", "account"):
        value = values.get(name)
        if isinstance(value, int):
            return value
    return 0


def subject_of(arguments: str) -> int:
    """What a call is about in people's eyes: the comment that a reply answers, else the object itself."""
    parent = r.ARGUMENTS.validate_json(arguments).get("parent_comment_id")
    return parent if isinstance(parent, int) else object_id_of(arguments)

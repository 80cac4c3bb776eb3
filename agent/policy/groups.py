"""The rules in groups, for lists and pages: which group a rule is told in, and the groups' order."""

#: What a group is called, then ids and beginnings of ids of its rules. The first that fits counts.
GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Core", ("post.draft_by_default", "post.once", "confirm.outbound", "confirm.destructive")),
    ("Deferred effects", ("confirm.config", "feature.", "organise.")),
    ("Targets", ("ids.", "scope.", "target.", "update.")),
    ("Time and cadence", ("time.", "cadence.", "repeat.", "posts.read", "post.duplicate", "post.same_text")),
    ("Content", ("text.", "words.", "origin.", "post.foreign")),
    ("Links and media", ("link.", "media.")),
    ("Networks", ("post.", "network.", "mastodon.")),
    ("Comments", ("comments.", "comment.")),
    ("Approval and budgets", ("budget.", "sync.", "approval.", "night.")),
    ("Your own", ("own.",)),
)
ORDER = (
    "Core",
    "Targets",
    "Networks",
    "Time and cadence",
    "Content",
    "Links and media",
    "Comments",
    "Approval and budgets",
    "Deferred effects",
    "Your own",
)
#: Of rules that no group names.
OTHERS = "Others"


def group_of(rule_id: str) -> str:
    """The group a rule is told in."""
    for title, ids in GROUPS:
        if any(rule_id == one or (one.endswith(".") and rule_id.startswith(one)) for one in ids):
            return title
    return OTHERS

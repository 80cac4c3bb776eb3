"""The rules in groups, for lists and pages: which group a rule is told in, and the groups' order."""

#: What a group is called, then ids and beginnings of ids of its rules. The first that fits counts.
GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Core", ("post.draft_by_default", "post.once", "confirm.outbound", "confirm.destructive")),
    ("Deferred effects", ("confirm.config", "feature.", "config.", "repeat.", "organise.", "label.", "campaign.")),
    ("Targets", ("ids.", "scope.", "target.", "update.")),
    ("Networks", ("post.", "network.")),
    ("Time and cadence", ("time.", "cadence.", "duplicate.", "calendar.")),
    ("Content", ("text.", "words.", "content.", "source.", "origin.", "provenance.", "language.")),
    ("Links and media", ("link.", "media.", "file.", "host.")),
    ("Comments", ("comments.", "comment.", "reply.")),
    ("Approval and budgets", ("budget.", "sync.", "approval.", "card.", "cards.", "batch.", "paid.", "night.")),
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

"""All rules, by id."""

from typing import Any

from agent.policy.rules import (
    approvals,
    cadence,
    calendar,
    comment_lengths,
    comments,
    confirm,
    confusable,
    control,
    files,
    hashtags,
    hosts,
    links,
    media,
    origin,
    paid,
    publishing,
    repetition,
    secrets,
    service,
    shape,
    shown,
    splits,
    targets,
    times,
    words,
)
from agent.policy.rules.rule import RuleCode

_ROOMS = (
    *(
        publishing,
        confirm,
        comments,
        comment_lengths,
        targets,
        secrets,
        control,
        links,
        files,
        hashtags,
        splits,
        shape,
        times,
        service,
    ),
    *(calendar, cadence, repetition),
    *(origin, confusable, hosts, words, paid, shown),
    *(media, approvals),
)

#: Rule id to its code, sorted by id.
RULES: dict[str, RuleCode[Any]] = {
    code.id: code
    for code in sorted(
        (value for room in _ROOMS for value in vars(room).values() if isinstance(value, RuleCode)),
        key=lambda code: code.id,
    )
}

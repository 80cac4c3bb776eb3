"""One text, many networks: a draft of which some accounts need a thread becomes several, before it is judged.

Pure. A thread is told by further items of a post, which all its accounts share and other networks do not show. So the
accounts for which the text is too long, on networks that have threads, get a draft of their own, with the whole text:
the rule `post.split` cuts it there. The others keep the text in the draft that was asked for.
"""

from collections.abc import Sequence
from typing import Any

from pydantic import MISSING

from agent.api.endpoint import Effect, Endpoint
from agent.api.posts import AccountTarget, ContentItem, CreatePost
from agent.policy.effects import effect
from agent.policy.facts import Facts
from agent.policy.pack import Pack
from agent.policy.rules.case import Case, Target, text_of
from agent.policy.rules.splits import SplitParams, check_split, has_threads, own_text, split_of, without_own
from agent.policy.scopes import in_force


def divided(call: Endpoint[Any], facts: Facts, pack: Pack) -> tuple[tuple[Endpoint[Any], ...], tuple[str, ...]]:
    """The calls that a call becomes, and a note for each draft that it was divided into; mostly the call alone."""
    if not isinstance(call, CreatePost) or len(call.content) != 1 or call.accounts is MISSING:
        return (call,), ()
    case = Case(call, facts, effect(call, facts), pack.networks, own=pack.own_limits)
    threads = _threads(case, call.content[0], pack) if case.effect is Effect.DRAFT else []
    apart = [target for _, targets in threads for target in targets]
    rest = [entry for place, entry in enumerate(call.accounts) if place not in [target.place for target in apart]]
    if not threads or (not rest and len(threads) == 1):
        return (call,), ()
    calls = [_with(call, rest)] if rest else []
    calls += [
        _with(call, [without_own(target, call.accounts[target.place]) for target in targets], text)
        for text, targets in threads
    ]
    return tuple(calls), tuple(_note(targets) for _, targets in threads)


def _threads(case: Case, item: ContentItem, pack: Pack) -> list[tuple[str, list[Target]]]:
    """Each text that is too long, with the accounts for which it can become a thread."""
    found: dict[str, list[Target]] = {}
    for rule, narrowed in in_force(case, pack):
        if rule.code is check_split and rule.on and isinstance(rule.params, SplitParams):
            for target in narrowed.targets:
                text = own_text(target) or text_of(item)
                if has_threads(case, target) and split_of(case, text, [target], rule.params):
                    found.setdefault(text, []).append(target)
    return list(found.items())


def _with(call: CreatePost, accounts: Sequence[AccountTarget], text: str | None = None) -> CreatePost:
    given = {name: getattr(call, name) for name in call.model_fields_set} | {"accounts": tuple(accounts)}
    if text is not None:
        given["content"] = (ContentItem.model_validate({**dict(call.content[0]), "text": text}),)
    return CreatePost.model_validate(given)


def _note(targets: Sequence[Target]) -> str:
    networks = " and ".join(dict.fromkeys(target.network for target in targets))
    return f"The text is too long for {networks}: there it gets a draft of its own, as a thread."

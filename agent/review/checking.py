"""What `psa policy check` judges: a draft, a text or a call, made into a call and facts without any request."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from agent.api.catalogue import OPERATIONS
from agent.api.endpoint import Endpoint
from agent.api.networks import NETWORK_NAMES, NETWORKS
from agent.api.posts import PostFields, ScheduleFor, UpdatePost
from agent.api.types import Account, Post, Workspace
from agent.errors import Declined, WrongUsage
from agent.gate.judge import KEPT
from agent.gate.past import Past
from agent.journal.findings import Mode
from agent.policy.facts import Facts
from agent.policy.given import Given
from agent.policy.pack import Pack
from agent.policy.provenance import Source, Sources
from agent.policy.testing import Test, Tests, call_of
from agent.tools.body import Changes, put_body
from agent.tools.desk import Desk, Unfit
from agent.yaml_files import nearest, parse_yaml

#: The post that a bare text stands in for, and the workspace and accounts where the journal knows none.
STAND_IN = 1
_ALSO = {"x": "twitter"}


@dataclass(frozen=True)
class Wish:
    """What the command line adds: networks or account ids, library media, a time, whether nobody is there."""

    on: tuple[str, ...] = ()
    media: tuple[int, ...] = ()
    at: str = ""
    unattended: bool = False

    @property
    def mode(self) -> Mode:
        """The mode it is judged in."""
        return "unattended" if self.unattended else "attended"


@dataclass(frozen=True)
class Subject:
    """A call, what is known, and `told`: what it is and what was taken for granted. `of_text`: it stands for a text."""

    call: Endpoint[Any]
    facts: Facts
    told: tuple[str, ...]
    of_text: bool = False


def of_draft(post_id: int, past: Past, wish: Wish) -> Subject:
    """A post as some run of this home last saw it. Raises Declined where none did, or where it cannot be read fully."""
    for row in past.store.ledger.runs(10**9):
        run = past.whole(row.run)
        post = run.state.known.posts.get(post_id)
        if post is None or run.state.opened is None or run.state.opened.service != past.service:
            continue
        kept = past.store.ledger.found_in(past.service, post_id, KEPT)
        facts = replace(past.today(run), mode=wish.mode, kept=kept)
        told = (f"Post {post_id} as run {row.run} last saw it ({post.status.lower()}); PostSyncer was not asked.",)
        return Subject(_kept(post, past, facts, wish), _asking(facts, wish), told, of_text=True)
    raise Declined(
        f"No run of this home has read or made post {post_id}.", hint="Its text can be checked: psa policy check FILE."
    )


def _kept(post: Post, past: Past, facts: Facts, wish: Wish) -> UpdatePost:
    """The update that would store the post unchanged, or schedule it."""
    sent: Mapping[int, PostFields] = {}
    if (last := past.store.ledger.last_sent(past.service, post.id)) is not None:
        body = OPERATIONS[last[0]].model_validate_json(last[1])
        sent = {post.id: body} if isinstance(body, PostFields) else {}
    changes = Changes()
    if wish.at:
        when = _when(wish.at, facts, post.home)
        changes = Changes(schedule_type="schedule", schedule_for=when)
    try:
        return put_body(post, Desk(facts, sent=sent), changes)[0]
    except Unfit as error:
        raise Declined(str(error)) from error


def of_text(text: str, known: Facts | None, wish: Wish, now: datetime, pack: Pack) -> Subject:
    """A bare text, as a draft on these networks; with a time as the scheduling of that draft. Raises SettingsError.

    Without networks it is judged for all of a workspace that take what there is: without media, not those that need it.
    """
    told = ["Accounts and zones as a run of this home last read them."]
    if known is None or not (known.accounts and known.workspaces):
        known, told = _stand_in(now), ["No run of this home has read accounts: judged for stand-ins, times in UTC."]
    accounts = _accounts(wish.on, known)
    if not wish.on and not wish.media:
        accounts, left_out = _without_media(accounts, pack)
        names = ", ".join(NETWORK_NAMES.get(one, one) for one in left_out)
        told += [f"Left out, for want of media: {names}. Name it with --media."] if left_out else []
    home = accounts[0].workspace_id or STAND_IN
    body: dict[str, Any] = {
        "workspace_id": home,
        "content": [{"text": text} | ({"media": list(wish.media)} if wish.media else {})],
        "accounts": [{"id": account.id} for account in accounts],
        "schedule_type": "draft",
    }
    if wish.at:
        when = _when(wish.at, known, home)
        body |= {"schedule_type": "schedule", "schedule_for": when.model_dump()}
    # The post stands empty, so that the call is what writes the text: rules rewrite it as they would the agent's own.
    post = Post.model_validate({**_NO_POST, "workspace_id": home})
    facts = replace(
        known,
        now=now,
        mode=wish.mode,
        goal=" ".join(str(one) for one in wish.media),  # named by a person, as an id in a goal is
        quoted=(),
        scope=frozenset(),
        posts={STAND_IN: post},
        ours=_OURS,
        sources=Sources([Source("the text", "said", text)]),  # whoever hands it over answers for what it names
    )
    call = UpdatePost.model_validate_json(json.dumps({"id": STAND_IN, **body}))
    return Subject(call, _asking(facts, wish), tuple(told), of_text=True)


_OURS = frozenset({STAND_IN})
_NO_POST = {"id": STAND_IN, "status": "DRAFT", "platforms": [], "content": []}


def _asking(facts: Facts, wish: Wish) -> Facts:
    """With a time, a goal that asks for scheduling: whoever checks a time means it."""
    return replace(facts, goal=f"{facts.goal}\nSchedule it.".strip()) if wish.at else facts


def _when(at: str, facts: Facts, home: int | None) -> ScheduleFor:
    try:
        moment = datetime.fromisoformat(at)
        zone: ZoneInfo = facts.zone(home or 0)
    except (ValueError, KeyError) as error:
        raise WrongUsage(f"--at {at!r} is no time that can be read.", hint='Write --at "2026-12-01 09:00".') from error
    local = moment.astimezone(zone) if moment.tzinfo else moment
    return ScheduleFor(date=f"{local:%Y-%m-%d}", time=f"{local:%H:%M}", timezone=zone.key)


def _without_media(accounts: list[Account], pack: Pack) -> tuple[list[Account], list[str]]:
    """The accounts that take a post without media, and the networks of the others; all, where none does."""
    bare = [one for one in accounts if not pack.limits_of(one.id, one.platform).media_needed.value]
    return (bare, sorted({one.platform for one in accounts if one not in bare})) if bare else (accounts, [])


def _accounts(on: Sequence[str], known: Facts) -> list[Account]:
    """The accounts that are meant: by id or network, all of one workspace; all networks of the first one by default."""
    if not on:
        peopled = {account.workspace_id for account in known.accounts.values()}
        first = min((home for home in known.workspaces if home in peopled), default=min(known.workspaces))
        mine = [one for one in known.accounts.values() if one.workspace_id == first and one.platform in NETWORKS]
        on = tuple(dict.fromkeys(account.platform for account in mine))
    homes = sorted(known.workspaces)
    for home in homes:
        found = [_account(word, known, home) for word in on]
        if found and None not in found:
            return [account for account in found if account is not None]
    missing = [word for word in on if all(_account(word, known, home) is None for home in homes)]
    if missing:
        names = [*NETWORKS, *_ALSO]
        raise WrongUsage(
            f'--on: this home knows no account "{missing[0]}".{nearest(missing[0], names)}',
            hint=f"It knows: {', '.join(sorted({one.platform for one in known.accounts.values()}))}.",
        )
    raise WrongUsage("--on: no workspace has all of these.", hint="Check them one workspace at a time.")


def _account(word: str, known: Facts, home: int) -> Account | None:
    """The account of a workspace that an id or a network names; one whose connection works before one that expired."""
    name = _ALSO.get(word.lower(), word.lower())
    found = [
        account
        for account in known.accounts.values()
        if account.workspace_id == home and name in {str(account.id), account.platform}
    ]
    return min(found, key=lambda account: (bool(account.has_expired), account.id), default=None)


def _stand_in(now: datetime) -> Facts:
    """A workspace in UTC with an account on each network."""
    accounts = {
        place: Account(id=place, platform=network, workspace_id=STAND_IN) for place, network in enumerate(NETWORKS, 1)
    }
    return Facts(
        now=now, workspaces={STAND_IN: Workspace(id=STAND_IN, name="stand-in", timezone="UTC")}, accounts=accounts
    )


def of_file(text: str, name: str, world: Facts, known: Facts | None, wish: Wish, now: datetime, pack: Pack) -> Subject:
    """What stands in a file: JSON of a call, policy tests in YAML (one call), else a text. Raises SettingsError."""
    if name.endswith(".json") or text.lstrip().startswith("{"):
        return _of_json(text, name, known, wish, now)
    if name.endswith((".yaml", ".yml")) or text.startswith("tests:"):
        return _of_test(text, name, world, wish)
    return of_text(text.removesuffix("\n"), known, wish, now, pack)


def _of_json(text: str, name: str, known: Facts | None, wish: Wish, now: datetime) -> Subject:
    """`{"operation": "CreatePost", …arguments}`; an object with texts and more keys is no call."""
    try:
        arguments = json.loads(text)
        operation = arguments.pop("operation")
        call = OPERATIONS[operation].model_validate_json(json.dumps(arguments))
    except KeyError as error:
        word = str(error.args[0])
        says = 'the key "operation" is missing' if word == "operation" else f'no operation "{word}"'
        raise WrongUsage(f"{name}: {says}.{nearest(word, list(OPERATIONS))}") from error
    except (ValidationError, ValueError, AttributeError, TypeError) as error:
        raise WrongUsage(f"{name}: it is no call in JSON: {error}.") from error
    facts = replace(known or _stand_in(now), now=now, mode=wish.mode)
    told = "what the last run of this home knew" if known else "stand-in accounts"
    return Subject(call, facts, (f"{operation}, judged with {told}.",))


def _of_test(text: str, name: str, world: Facts, wish: Wish) -> Subject:
    tests = parse_yaml(text, Tests, name).tests
    if len(tests) != 1:
        raise WrongUsage(f"{name}: {len(tests)} tests, where one can be checked.", hint="psa policy test runs all.")
    test: Test = tests[0]
    given: Given = test.given
    facts = given.over(world)
    if wish.unattended or test.unattended:
        facts = replace(facts, mode="unattended")
    try:
        call = call_of(test, facts)
    except (ValidationError, LookupError, ValueError) as error:
        raise WrongUsage(f'{name}: the call of the test "{test.name}" cannot be made: {error}.') from error
    return Subject(call, facts, (f'The call of the test "{test.name}", in the world of policy tests.',))


def known_of(past: Past) -> Facts | None:
    """What the newest run knew that had read accounts."""
    for row in past.store.ledger.runs(50):
        run = past.whole(row.run)
        if run.state.opened is not None and run.state.opened.service == past.service and run.state.known.accounts:
            return past.today(run)
    return None

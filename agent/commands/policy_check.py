"""`psa policy check`: judge a draft, a text or a call. Nothing is sent, and nobody is asked."""

import sys
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from agent.assembly import load_packs, service_of, surroundings_of
from agent.clock import SystemClock
from agent.commands.common import choices
from agent.commands.light import json_option, print_json, tell
from agent.errors import Declined, Exit, WrongUsage
from agent.gate.past import Past
from agent.journal.findings import Finding
from agent.journal.store import open_store
from agent.policy.checking import Checked, Length, check
from agent.policy.given import load_world
from agent.policy.pack import Packs
from agent.policy.places import in_words
from agent.policy.suite import world_of
from agent.review.checking import Subject, Wish, known_of, of_draft, of_file
from agent.settings import Settings, data_folder, load_settings


@click.command("check")
@click.argument("what", metavar="DRAFT|FILE|-")
@click.option("--on", "on", metavar="NETWORKS", default="", help="Networks or account ids for a text: linkedin,x,104.")
@click.option("--media", "media", metavar="IDS", default="", help="Media of the library for a text: 41,42.")
@click.option("--at", "at", metavar="TIME", default="", help='As scheduled for then: "2026-12-01 09:00", local there.')
@click.option("--unattended", is_flag=True, help="As at night, when nobody watches.")
@click.option("--now", "now", metavar="ISO", help="As if it were then, for example 2026-11-24T09:00Z.")
@json_option
def check_command(what: str, on: str, media: str, at: str, unattended: bool, now: str | None, as_json: bool) -> int:
    """Judge a draft (its id), a FILE or standard input (-) by the policy in force, without any request.

    A file may be a text, a policy test in YAML, or JSON of a call such as {"operation": "CreatePost", …}. Exit code 0
    where it is allowed or only rewritten, 3 where something holds or denies it. That a person decides about every post
    that goes out is not counted for a text or a draft.
    """
    settings, home = load_settings(Path.cwd())
    wish = Wish(_words(on), _media(media), at, unattended)
    moment = choices(now, "system").now or SystemClock().now()
    packs = load_packs(home)
    subject = _subject(what, settings, home, wish, moment, packs)
    facts = subject.facts
    pack = packs.of("unattended" if facts.mode == "unattended" else "attended")
    checked = check(subject.call, facts, pack, of_text=subject.of_text)
    if as_json:
        print_json(_row(subject, checked))
    else:
        for line in told(subject, checked):
            tell(line)
    return Exit.OK if checked.passes else Exit.REFUSED


def _words(listed: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in listed.split(",") if word.strip())


def _media(listed: str) -> tuple[int, ...]:
    wrong = [word for word in _words(listed) if not word.isdecimal()]
    if wrong:
        raise WrongUsage(f'--media: "{wrong[0]}" is no id.', hint="PostSyncer's library shows the id of each file.")
    return tuple(int(word) for word in _words(listed))


def _subject(what: str, settings: Settings, home: Path, wish: Wish, now: datetime, packs: Packs) -> Subject:
    """What is to be judged, from the journal where there is one. No journal is made."""
    if not (home / "runs" / "journal.db").is_file():
        if what.isdigit():
            raise Declined(f"No run of this home has read or made post {what}.", hint="There is no journal here yet.")
        return of_file(*_text(what), _world(home), None, wish, now, packs.of(wish.mode))
    with closing(open_store(home)) as store:
        past = Past(store, packs, surroundings_of(settings, home), service_of(settings), now)
        if what.isdigit():
            return of_draft(int(what), past, wish)
        return of_file(*_text(what), _world(home), known_of(past), wish, now, packs.of(wish.mode))


def _world(home: Path) -> Any:
    return world_of(home / "policy_tests", load_world(data_folder("policies") / "tests" / "world.yaml"))


def _text(what: str) -> tuple[str, str]:
    """The text and what it is called."""
    if what == "-":
        return sys.stdin.read(), "standard input"
    try:
        return Path(what).read_text(encoding="utf-8"), what
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text in UTF-8"
        raise WrongUsage(
            f"{what} cannot be read: {why}.",
            hint="Name a draft's id or a file; a text itself comes by a pipe: echo 'Hello.' | psa policy check -",
        ) from error


def told(subject: Subject, checked: Checked) -> list[str]:
    """The answer in lines."""
    lines = list(subject.told)
    accounts = subject.facts.accounts
    lines += [_length(one, accounts[one.account].label) for one in checked.lengths]
    for change in checked.changes:
        lines += [
            f"rewritten  {in_words(change.where)}",
            f"  before   {change.before!r}",
            f"  after    {change.after!r}",
        ]
    for finding in checked.findings:
        lines += _finding(finding)
    verdict = checked.verdict.word
    lines.append(f"verdict    {verdict}{'' if checked.findings else ': no rule has anything to say'}")
    if checked.approval:
        lines.append("           Going out, it waits for a person as every post does.")
    return lines


def _length(one: Length, account: str) -> str:
    most = "no limit is known" if one.most is None else f"of {one.most}"
    over = f", {one.over} TOO MANY" if one.over else ""
    second = f"; {one.second}" if one.second else ""
    return f"{one.network:<10} {one.units} {most} {one.unit}{second}{over} ({in_words(one.where)}, {account})"


def _finding(finding: Finding) -> list[str]:
    word = "note" if finding.verdict.word == "allow" else finding.verdict.word
    later = " (on promotion)" if finding.later else ""
    lines = [f"{word:<10} {in_words(finding.says)} [{finding.rule}]{later}"]
    lines += [f"  found    {finding.evidence}"] if finding.evidence else []
    lines += [f"  passes   {finding.passes}"] if finding.passes else []
    return lines


def _row(subject: Subject, checked: Checked) -> dict[str, Any]:
    return {
        "verdict": checked.verdict.word,
        "passes": checked.passes,
        "waits_for_person": bool(checked.approval) or checked.judgement.verdict.word == "hold",
        "effect": checked.judgement.effect.value,
        "told": list(subject.told),
        "lengths": [one.as_row() for one in checked.lengths],
        "rewritten": [{"where": one.where, "before": one.before, "after": one.after} for one in checked.changes],
        "findings": [
            finding.model_dump(mode="json") | {"verdict": finding.verdict.word} for finding in checked.findings
        ],
        "call": {"operation": checked.judgement.call.route.name, **checked.judgement.call.model_dump(mode="json")},
    }

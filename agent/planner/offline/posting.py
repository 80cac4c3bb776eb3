"""The plan of a goal that makes posts: settle what is missing, fetch media, save drafts, then promote them."""

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from agent.planner.offline.accounts import choose_accounts
from agent.planner.offline.answers import Answer
from agent.planner.offline.choosing import fetch_labels, fetch_media, settle_when
from agent.planner.offline.conversation import Account, Digest, Turn
from agent.planner.offline.drafts import FRAMES, THUMBNAILS, Cover, Draft, Made, drafts_of, titled
from agent.planner.offline.mending import Mended, mended
from agent.planner.offline.plan import Call, Plan, Story
from agent.planner.offline.promoting import Timing, promote, times_of
from agent.planner.offline.wishes import MediaOnlyWish, Piece, PostWish
from agent.planner.offline.words import CannotDo, listed, written

#: What the networks can do through PostSyncer (API.md, sections 4 and 5).
_THREADS = frozenset({"twitter", "threads", "bluesky", "mastodon"})
_NEED_MEDIA = frozenset({"instagram", "tiktok", "youtube", "pinterest"})

#: Arguments of a draft that may be left out, and the words in a refusal that name them.
_OPTIONAL = (
    ("first_comment", ("first_comment", "first comment"), "the first comment"),
    ("labels", ("labels", "label"), "the labels"),
    ("settings", ("settings", "title"), "the title"),
    ("cover", ("cover",), "the cover"),
)


def make_posts(wish: PostWish, digest: Digest) -> Plan:
    """Drafts for every piece and workspace; then, if the goal says so, schedule or publish each."""
    story = Story()
    placed = yield from _place(wish, digest, story)
    workspaces = sorted({account.workspace for accounts in placed for account in accounts})
    when = (yield from settle_when(wish.when)) if wish.promotion == "schedule" else None
    timing = Timing(wish.promotion, times_of(when, workspaces, digest, len(wish.pieces)) if when else {})
    extras: dict[int, Mapping[str, Any]] = {}
    covers: dict[int, Sequence[Cover]] = {}
    for workspace in workspaces:
        media = yield from fetch_media(wish.media, workspace, story)
        labels = yield from fetch_labels(wish.labels, workspace, story)
        extras[workspace] = {name: list(ids) for name, ids in (("media", media), ("labels", labels)) if ids}
        covers[workspace] = yield from _covers(wish, workspace, _networks(placed, workspace), story)
    drafts = drafts_of(wish, placed, Made(extras, covers), story)
    saved = yield from _save(drafts, story)
    saved = yield from _fit_to_go_out(saved, story, promoted=bool(wish.promotion))
    _tell_drafts(saved, story)
    if wish.when and not wish.promotion:
        story.said.append("No time is set: the goal does not ask to schedule.")
    if wish.promotion and saved:
        yield from promote([(key, draft.workspace, draft.piece) for key, draft, _ in saved], timing, digest, story)
    else:
        story.said += [f"Draft {key}: {' '.join(answer.remarks)}" for key, _, answer in saved if answer.remarks]
    return story.ending()


def _networks(placed: Sequence[Sequence[Account]], workspace: int) -> frozenset[str]:
    return frozenset(one.platform for accounts in placed for one in accounts if one.workspace == workspace)


def _covers(
    wish: PostWish, workspace: int, networks: frozenset[str], story: Story
) -> Generator[Sequence[Call], Turn, list[Cover]]:
    """The covers of a workspace's drafts, each for the networks that show one of its kind."""
    covers: list[Cover] = []
    for one in wish.covers:
        if one.picture is None:
            covers.append(Cover(FRAMES, {"frame_ms": one.frame_ms}))
        elif networks & THUMBNAILS:
            (thumbnail, *_) = yield from fetch_media((one.picture,), workspace, story)
            covers.append(Cover(THUMBNAILS, {"thumbnail": thumbnail}))
    return covers


def add_media(wish: MediaOnlyWish, digest: Digest) -> Plan:
    """Import or upload, and nothing else."""
    story = Story()
    workspaces = wish.workspaces or tuple(workspace.id for workspace in digest.workspaces)
    if len(workspaces) != 1:
        raise CannotDo("Which workspace the file is for is not clear: name it.")
    if any(one.kind == "library" for one in wish.media):
        raise CannotDo("A file to upload is named by its path, such as pictures/mug.jpg.")
    yield from fetch_media(wish.media, workspaces[0], story)
    return story.ending()


def _place(wish: PostWish, digest: Digest, story: Story) -> Generator[Sequence[Call], Turn, list[tuple[Account, ...]]]:
    """The accounts of each piece; networks that cannot take it are left out and told. Raises CannotDo."""
    placed: list[tuple[Account, ...]] = []
    common: tuple[Account, ...] | None = None
    for piece in wish.pieces:
        if piece.place:
            place = replace(piece.place, workspaces=piece.place.workspaces or wish.place.workspaces)
            accounts = yield from choose_accounts(place, digest, story)
        else:
            common = common or (yield from choose_accounts(wish.place, digest, story))
            accounts = common
        fit = tuple(account for account in accounts if not _unfit(account, piece, wish, story))
        if not fit:
            raise CannotDo(" ".join(dict.fromkeys(story.refused)))
        placed.append(fit)
    return placed


def _unfit(account: Account, piece: Piece, wish: PostWish, story: Story) -> bool:
    network = written(account.platform)
    if len(piece.texts) > 1 and account.platform not in _THREADS:
        story.refused.append(f"{network} is left out: it has no threads.")
        return True
    if wish.place.everywhere and not wish.media and account.platform in _NEED_MEDIA:
        story.refused.append(f"{network} is left out: it needs a picture or video.")
        return True
    return False


Saved = list[tuple[int, Draft, Answer]]


def _save(drafts: Sequence[Draft], story: Story) -> Generator[Sequence[Call], Turn, Saved]:
    """Save drafts; what is refused is mended once as the reasons say, or left without the part they name."""
    turn = yield [Call("draft_post", draft.arguments) for draft in drafts]
    results = list(zip(drafts, turn.answers, strict=True))
    changed = {at: _mended(draft, answer) for at, (draft, answer) in enumerate(results) if answer.denied}
    again = {at: found for at, found in changed.items() if found}
    if again:
        turn = yield [Call("draft_post", draft.arguments) for draft, _ in again.values()]
        for (at, (draft, told)), answer in zip(again.items(), turn.answers, strict=True):
            told.tell(story, results[at][1])
            results[at] = (draft, answer)
    saved: Saved = []
    for draft, answer in results:
        saved += [(key, draft, answer) for key in answer.ids]
        story.problem(f"The draft for {draft.networks} was not saved", answer)
        if answer.cards:
            story.said.append(f"The draft for {draft.networks} waits as {listed(answer.cards)}.")
    return saved


def _fit_to_go_out(saved: Saved, story: Story, *, promoted: bool) -> Generator[Sequence[Call], Turn, Saved]:
    """Drafts whose findings would keep them in are edited once, where the findings say how."""
    edits: dict[int, Mended] = {}
    for key, draft, answer in saved:
        reasons = [reason for part in answer.parts if part.id == key for reason in part.to_mend]
        networks = {one.id: one.platform for one in draft.accounts} if promoted else {}
        if found := mended(draft.arguments, reasons, draft.quoted, networks=networks, some=True):
            edits[key] = found
    if not edits:
        return saved
    turn = yield [Call("edit_post", {"post": key} | one.changes) for key, one in edits.items()]
    answers = dict(zip(edits, turn.answers, strict=True))
    for key, answer in answers.items():
        if answer.denied:
            story.problem(f"Mending draft {key} was not possible", answer)
        else:
            story.said.append(f"Draft {key}: {edits[key].told}")
    done = {key: answer for key, answer in answers.items() if not answer.denied}
    return [(key, draft, done.get(key, answer)) for key, draft, answer in saved]


@dataclass(frozen=True)
class _Told:
    """What is told of a draft that was mended: what was changed, else what was left out and why."""

    changed: str = ""
    without: str = ""

    def tell(self, story: Story, refusal: Answer) -> None:
        if self.without:
            story.refused.append(f"Left out {self.without}: {' '.join(refusal.problems)}")
        else:
            story.said.append(self.changed)


def _mended(draft: Draft, answer: Answer) -> tuple[Draft, _Told] | None:
    """The draft as the reasons want it, else without what a refusal names; None where it names nothing that can go."""
    if found := mended(draft.arguments, answer.problems, draft.quoted):
        return replace(draft, arguments=found.arguments), _Told(changed=found.told)
    why = " ".join(answer.problems).casefold()
    for name, signs, what in _OPTIONAL:
        if name in draft.arguments and any(sign in why for sign in signs):
            rest = {key: value for key, value in draft.arguments.items() if key != name}
            return replace(draft, arguments=rest), _Told(without=what)
    kept = tuple(account for account in draft.accounts if f"account {account.id}" not in why)
    if not kept or len(kept) == len(draft.accounts):
        return None
    gone = listed([f"account {account.id}" for account in draft.accounts if account not in kept])
    rest = dict(draft.arguments) | {"accounts": [account.id for account in kept]}
    if "settings" in rest:
        rest["settings"] = {str(one.id): rest["settings"][str(one.id)] for one in kept if titled(one)}
    return replace(draft, accounts=kept, arguments=rest), _Told(without=gone)


def _tell_drafts(saved: Saved, story: Story) -> None:
    by_networks: dict[str, list[int]] = {}
    for key, draft, _ in saved:
        by_networks.setdefault(draft.networks, []).append(key)
    for networks, keys in by_networks.items():
        verb = "Drafts {} are" if len(keys) > 1 else "Draft {} is"
        story.said.append(f"{verb.format(listed(keys))} ready for {networks}.")

"""A post as it will look on each of its networks: whose account, which words, which media, how long. Pure.

Simple on purpose: what is not known of a network's looks is not shown. Every word that would be public is there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from pydantic import MISSING

from agent.api.endpoint import Effect
from agent.api.networks import NETWORK_NAMES
from agent.api.posts import ContentItem, CreatePost, UpdatePost, settings_of
from agent.gate.titles import account_name
from agent.policy.counting import Limits, Part, length_of, most_of
from agent.policy.facts import Facts
from agent.policy.pack import Pack
from agent.policy.provenance import host_of, hosts_in
from agent.policy.rules.case import Case, Target, is_comment, media_of, text_of
from agent.text import one_line
from agent.web.marking import Origin, Piece, pieces_of

#: The calls that write a whole post.
PostCall = CreatePost | UpdatePost
#: About so many characters are shown before "… more", where a network says it. Source: developers.facebook.com.
FOLDS: Mapping[str, int] = {"instagram": 125}
#: A text is nearly too long from this share of the limit on.
NEAR = 0.9
_UNITS = ((1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB"))


@dataclass(frozen=True)
class Counter:
    """A length against the most that fits; `most` is None where nobody names a limit."""

    units: int
    most: int | None
    unit: str

    @property
    def over(self) -> int:
        """How much has to go."""
        return max(0, self.units - self.most) if self.most is not None else 0

    @property
    def state(self) -> str:
        """`bad` where it is too long, `warn` where it nearly is, else `good`."""
        if self.over:
            return "bad"
        return "warn" if self.most is not None and self.units >= NEAR * self.most else "good"


@dataclass(frozen=True)
class MediaTold:
    """A file of a post: its name, what it is, and how large, as far as that was read."""

    name: str
    kind: str = ""
    size: str = ""


@dataclass(frozen=True)
class Block:
    """One text of a post: the words that are seen first, those behind "… more", its lengths and its media."""

    name: str
    pieces: tuple[Piece, ...]
    more: tuple[Piece, ...] = ()
    counters: tuple[Counter, ...] = ()
    media: tuple[MediaTold, ...] = ()

    @property
    def text(self) -> str:
        """All of its words."""
        return "".join(piece.text for piece in (*self.pieces, *self.more))


@dataclass(frozen=True)
class Preview:
    """A post on one account. `network` is empty where it is not known; `card_host` is where a link card leads."""

    network: str
    network_name: str
    account: str
    initials: str
    blocks: tuple[Block, ...]
    expired: bool = False
    fold: int = 0
    card_host: str = ""
    card_words: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    clickable: bool = True


def previews_of(call: PostCall, facts: Facts, pack: Pack, origins: Sequence[Origin] = ()) -> tuple[Preview, ...]:
    """The post on each account it names, in that order; one without an account where it names none."""
    case = Case(call, facts, Effect.OUTBOUND, pack.networks, own=pack.own_limits)
    known = {target.place: target for target in case.everybody}
    targets = () if call.accounts is MISSING else call.accounts
    if not targets:
        return (_plain(call, "the default account", facts, origins),)
    return tuple(
        _on_account(call, case, known[place], origins)
        if place in known
        else _plain(call, account_name(target.id, facts), facts, origins)
        for place, target in enumerate(targets)
    )


def _on_account(fields: PostCall, case: Case, target: Target, origins: Sequence[Origin]) -> Preview:
    network, limits = target.network, case.limits(target)
    blocks: list[Block] = []
    for piece in case.pieces(target):
        place = int(piece.where.split(".")[1]) if piece.where.startswith("content.") else 0
        item = fields.content[place]
        name = _name(piece.kind, place)
        counted = counters(piece.text, network, limits, part=piece.kind, with_media=piece.with_media)
        media = () if piece.kind == "title" else media_told(item, case.facts)
        blocks.append(Block(name, pieces_of(piece.text, network, origins), counters=counted, media=media))
    fold = FOLDS.get(network, 0)
    main = next((place for place, block in enumerate(blocks) if not block.name), None)
    folded = fold and main is not None and len(blocks[main].text) > fold
    if folded and main is not None:
        blocks[main] = _folded(blocks[main], fold)
    address, words = _link_card(fields, target)
    return Preview(
        network=network,
        network_name=NETWORK_NAMES.get(network, network),
        account=one_line(target.account.label, 60),
        initials=initials_of(target.account.label),
        blocks=tuple(blocks),
        expired=bool(target.account.has_expired),
        fold=fold if folded else 0,
        card_host=(host_of(address) or one_line(address, 80)) if address else "",
        card_words=words,
        hosts=_hosts(blocks),
        clickable=limits.links_clickable.value,
    )


def _link_card(fields: PostCall, target: Target) -> tuple[str, tuple[str, ...]]:
    """The address and the words of a link card that the network's settings ask for."""
    settings = {} if fields.accounts is MISSING else settings_of(fields.accounts[target.place])
    card = settings.get("website_card")
    card = card if isinstance(card, dict) else {}
    address = card.get("uri") or settings.get("link")
    words = tuple(text for name in ("title", "description") if isinstance(text := card.get(name), str) and text)
    return (address if isinstance(address, str) else ""), words


def _plain(call: PostCall, name: str, facts: Facts, origins: Sequence[Origin]) -> Preview:
    """A post on an account of which too little is known to count or to mark as its network does."""
    blocks = [
        Block(
            _name("comment" if is_comment(item) else "text", place),
            pieces_of(text_of(item), "", origins),
            media=media_told(item, facts),
        )
        for place, item in enumerate(call.content)
    ]
    return Preview("", "", name, initials_of(name), tuple(blocks), hosts=_hosts(blocks))


def _name(kind: Part, place: int) -> str:
    """What a text is called; the main one has no name."""
    if kind == "title":
        return "Title"
    if kind == "comment":
        return "First comment"
    return f"Part {place + 1}" if place else ""


def counters(
    text: str, network: str, limits: Limits, *, part: Part = "text", with_media: bool = False
) -> tuple[Counter, ...]:
    """The lengths of a text as the network counts it: one, or two where it has two limits."""
    count = length_of(text, network, limits, part=part)
    found = [Counter(count.units, most_of(limits, part=part, with_media=with_media), count.unit)]
    if count.second is not None and limits.text_bytes is not None:
        found.append(Counter(count.second.units, limits.text_bytes.value, count.second.unit))
    return tuple(found)


def _folded(block: Block, most: int) -> Block:
    """The block with what is seen before "… more" apart from the rest."""
    seen: list[Piece] = []
    rest: list[Piece] = []
    words = block.text[:most].rpartition(" ")[0]  # no word is cut in two, as the figure is only about right
    left = len(words) or most
    for piece in block.pieces:
        if left > 0:
            seen.append(replace(piece, text=piece.text[:left]))
        if len(piece.text) > left:
            rest.append(replace(piece, text=piece.text[max(0, left) :]))
        left -= len(piece.text)
    return replace(block, pieces=tuple(seen), more=tuple(rest))


def media_told(item: ContentItem, facts: Facts) -> tuple[MediaTold, ...]:
    """The media of a content item, by what was read of them; of an address its host."""
    told = []
    for one in media_of(item):
        media = facts.media.get(one) if isinstance(one, int) else None
        if media is not None:
            kind = media.mime_type or media.type or ""
            told.append(
                MediaTold(one_line(media.name or f"media {one}", 80), one_line(kind, 40), size_told(media.size))
            )
        elif isinstance(one, int):
            told.append(MediaTold(f"media {one}", "not read"))
        else:
            told.append(MediaTold(one_line(one, 200), "from an address"))
    return tuple(told)


def size_told(size: int | None) -> str:
    """`2.4 MB`; empty where it is not known."""
    if size is None:
        return ""
    for least, unit in _UNITS:
        if size >= least:
            return f"{size / least:.1f} {unit}"
    return f"{size} bytes"


def initials_of(name: str) -> str:
    """One or two letters that stand for an account's picture."""
    words = ["".join(letter for letter in word if letter.isalnum()) for word in name.split()]
    letters = [word[0] for word in words if word]
    return "".join(letters[:2]).upper() or "?"


def _hosts(blocks: Sequence[Block]) -> tuple[str, ...]:
    """Where the links of a post lead."""
    return tuple(dict.fromkeys(host for block in blocks for host, _ in hosts_in(block.text)))


def accounts_told(call: PostCall, facts: Facts) -> str:
    """The accounts of a post by name."""
    targets = () if call.accounts is MISSING else call.accounts
    return ", ".join(account_name(target.id, facts) for target in targets) or "the default account"

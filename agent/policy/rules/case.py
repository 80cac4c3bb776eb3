"""One call before the rules, with what several rules read of it, worked out once."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal
from zoneinfo import ZoneInfo

from pydantic import MISSING, ValidationError

from agent.api.endpoint import Effect, Endpoint, Part
from agent.api.networks import SETTINGS, TEXT_FIELD
from agent.api.posts import ContentItem, PostFields, UpdatePost, settings_of
from agent.api.types import Account, Post
from agent.policy.counting import Limits, NetworkLimits
from agent.policy.facts import Facts
from agent.policy.provenance import host_of, hosts_in
from agent.policy.public import fetched, public_texts
from agent.policy.rules.outings import Outing, outings

Kind = Literal["text", "title", "comment"]


@dataclass(frozen=True)
class Piece:
    """A text as one account shows it: where it stands in the call, and what it is there.

    `shared` says that other accounts show the same words; otherwise it is the network's own variant.
    """

    where: str
    text: str
    kind: Kind
    shared: bool
    with_media: bool = False


@dataclass(frozen=True)
class Target:
    """A known account that a post goes to, with the place of its entry and its settings as its network reads them."""

    place: int
    account: Account
    network: str
    settings: Part

    def own(self, field: str | None) -> str:
        """A text of the settings; empty where there is none."""
        value = getattr(self.settings, field, None) if field else None
        return value if isinstance(value, str) else ""


@dataclass(frozen=True)
class Case:
    """A call, what is known, its effect and the networks' limits.

    `own` holds the limits of accounts that differ from their network's. `judged` are the accounts that the figures in
    force are for, None for all: rules see only these as targets, `everybody` has them all.
    """

    call: Endpoint[Any]
    facts: Facts
    effect: Effect
    networks: NetworkLimits
    own: Mapping[int, Mapping[str, Limits]] = field(default_factory=dict)
    judged: frozenset[int] | None = None

    def narrowed(self, accounts: frozenset[int]) -> "Case":
        """The same case, of which a rule judges only these accounts."""
        return replace(self, judged=accounts)

    def instead(self, call: Endpoint[Any]) -> "Case":
        """The same case with another call of the same effect."""
        return replace(self, call=call)

    @cached_property
    def data(self) -> dict[str, Any]:
        """All arguments as plain data."""
        return self.call.model_dump()

    @cached_property
    def strings(self) -> tuple[tuple[str, str], ...]:
        """Every text in the call with the place it stands in, such as `content.0.text`."""
        return tuple(_strings("", self.data))

    @cached_property
    def public(self) -> tuple[tuple[str, str], ...]:
        """The texts that people outside would read, with their places."""
        return tuple(public_texts(self.call))

    @cached_property
    def said(self) -> tuple[tuple[str, str], ...]:
        """Of `public` the texts that the accounts judged show."""
        if self.judged is None or self.fields is None:
            return self.public
        shown = {piece.where for target in self.targets for piece in self.pieces(target)}
        others = {piece.where for target in self.everybody for piece in self.pieces(target)} - shown
        return tuple((where, text) for where, text in self.public if where not in others)

    @cached_property
    def addresses(self) -> tuple[tuple[str, str], ...]:
        """Every address of a call with its place: links in texts, link cards, pictures, imports."""
        in_texts = [(where, address) for where, text in self.public for _, address in hosts_in(text)]
        return (*in_texts, *fetched(self.call))

    @cached_property
    def hosts(self) -> dict[str, tuple[str, str]]:
        """The hosts that a call leads to, each with the place and the address it stands in first."""
        found: dict[str, tuple[str, str]] = {}
        for where, address in self.addresses:
            host = host_of(address)
            if host:
                found.setdefault(host, (where, address))
        return found

    @cached_property
    def fields(self) -> PostFields | None:
        """The call as a post's body, or None for other calls."""
        return self.call if isinstance(self.call, PostFields) else None

    @cached_property
    def post(self) -> Post | None:
        """The post that an update changes, as last read."""
        return self.facts.posts.get(self.call.id) if isinstance(self.call, UpdatePost) else None

    @property
    def going_out(self) -> PostFields | None:
        """The body of a post that this call schedules or publishes, or None."""
        fields = self.fields
        return fields if fields is not None and fields.schedule_type != "draft" else None

    @cached_property
    def zone(self) -> ZoneInfo | None:
        """The zone of the workspace that a post's body names; None where it is not known."""
        try:
            return self.facts.zone(self.fields.workspace_id) if self.fields is not None else None
        except (KeyError, ValueError, OSError):
            return None

    @cached_property
    def outings(self) -> tuple[Outing, ...]:
        """The times at which this call brings a post out, repeats too; none where they cannot be told."""
        if self.going_out is None or self.zone is None:
            return ()
        return outings(self.going_out, self.zone, self.facts.now)

    @cached_property
    def targets(self) -> tuple[Target, ...]:
        """Of `everybody` the accounts that are judged."""
        if self.judged is None:
            return self.everybody
        return tuple(target for target in self.everybody if target.account.id in self.judged)

    @cached_property
    def everybody(self) -> tuple[Target, ...]:
        """The accounts of a post that are known, on a network we know, with settings that fit it."""
        fields = self.fields
        if fields is None or fields.accounts is MISSING:
            return ()
        found = []
        for place, target in enumerate(fields.accounts):
            account = self.facts.accounts.get(target.id)
            settings = fitting(account.platform, settings_of(target)) if account else None
            if account is not None and settings is not None:
                found.append(Target(place, account, account.platform, settings))
        return tuple(found)

    def limits(self, target: Target) -> Limits:
        """The limits of a target: its own, else its network's."""
        own = self.own.get(target.account.id)
        return own[target.network] if own else self.networks.of(target.network)

    def pieces(self, target: Target) -> tuple[Piece, ...]:
        """What the account shows, in order: title, text (its network's variant where there is one), further items."""
        return self._pieces[target.place]

    @cached_property
    def _pieces(self) -> dict[int, tuple[Piece, ...]]:
        fields = self.fields
        return {} if fields is None else {one.place: tuple(_pieces(fields, one)) for one in self.everybody}


def fitting(network: str, settings: dict[str, Any]) -> Part | None:
    """Settings as the network's closed model; None where they do not fit, or where we do not know the network."""
    model = SETTINGS.get(network)
    try:
        return model.model_validate(settings) if model else None
    except ValidationError:
        return None


def text_of(item: ContentItem) -> str:
    """The text of a content item; empty where there is none."""
    return "" if item.text is MISSING or item.text is None else item.text


def media_of(item: ContentItem) -> tuple[int | str, ...]:
    """Media ids and addresses of a content item."""
    return () if item.media is MISSING else item.media


def is_comment(item: ContentItem) -> bool:
    """Whether an item becomes the first comment."""
    return item.is_first_comment is True


def _pieces(fields: PostFields, target: Target) -> Iterator[Piece]:
    first = fields.content[0]
    with_media = bool(media_of(first))
    field = TEXT_FIELD.get(target.network)
    title = target.own("title")
    if title and field != "title":
        yield Piece(f"accounts.{target.place}.settings.title", title, "title", shared=False)
    variant = target.own(field)
    if variant:
        yield Piece(f"accounts.{target.place}.settings.{field}", variant, "text", False, with_media)
    else:
        yield Piece("content.0.text", text_of(first), "comment" if is_comment(first) else "text", True, with_media)
    for place, item in enumerate(fields.content[1:], 1):
        kind: Kind = "comment" if is_comment(item) else "text"
        yield Piece(f"content.{place}.text", text_of(item), kind, True, bool(media_of(item)))


def _strings(where: str, value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield where, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _strings(f"{where}.{key}" if where else str(key), inner)
    elif isinstance(value, list | tuple):
        for place, inner in enumerate(value):
            yield from _strings(f"{where}.{place}", inner)

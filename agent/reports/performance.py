"""The numbers of a report as tables, notes and charts."""

from collections.abc import Iterable, Sequence

from agent.charts import Bar, Chart
from agent.clock import moment
from agent.reports.blocks import Bars, Block, Heading, Item, Items, Note, Row, Table
from agent.reports.times import between
from agent.reports.told import AccountMeasured, Counts, Measured, Performance, PostMeasured, WorkspaceMeasured
from agent.reports.words import change, figure, ranges

_SHOWN = ("impressions", "likes", "comments", "shares", "saves", "engagement_rate")
_NAMES = ("Impressions", "Likes", "Comments", "Shares", "Saves", "Engagement")
#: What gets a chart: the metric, its name in a file, its name for people.
_CHARTS = (("impressions", "impressions", "Impressions"), ("engagement_rate", "engagement-rate", "Engagement rate"))
#: Rows of a table of publications, which nobody asked for one by one.
_MOST_ROWS = 12


def numbers_blocks(numbers: Performance, zone: str) -> Iterable[Block]:
    """Tables, notes and charts; nothing where no numbers were read."""
    if not (numbers.posts or numbers.accounts or numbers.workspaces):
        return
    yield Heading("Numbers")
    yield from _posts(numbers.posts, zone)
    yield from _accounts(numbers, zone)
    yield from _workspaces(numbers.workspaces, zone)


def _posts(posts: Sequence[PostMeasured], zone: str) -> Iterable[Block]:
    if not posts:
        return
    yield Heading("Posts", small=True)
    shown = _by_impressions(posts)
    if shown:
        yield Table("Post", "Text", ("Networks", "Went out"), _NAMES, tuple(_row(post) for post in shown))
    empty = [post for post in posts if post.now is None]
    if empty:
        yield Note("No numbers yet:")
        yield Items(tuple(Item(_said_of(post), head=f"post {post.post}") for post in empty))
    yield from _refreshes(posts, zone)
    yield from _changes(posts, zone)
    yield from _charts("", "of the posts", [(f"{post.post} {post.text}".strip(), post) for post in shown])


def _row(post: PostMeasured) -> Row:
    return Row(str(post.post), post.text, (", ".join(post.networks), _went_out(post)), _figures(post))


def _accounts(numbers: Performance, zone: str) -> Iterable[Block]:
    accounts = numbers.accounts
    yield from _plain("Accounts", "Account", [(str(one.account), one.name, one) for one in accounts], zone)
    known = {post.post for post in numbers.posts if post.now is not None}
    for account in accounts:
        yield from _publications(account, known)


def _publications(account: AccountMeasured, known: set[int]) -> Iterable[Block]:
    """The posts of an account, unless the table of posts already has them all."""
    if all(one.post in known for one in account.posts):
        return
    yield Heading(f"Posts on {account.name}, this account alone", small=True)
    rows = [Row(str(one.post), one.text, (), _counts(one.now, None)) for one in account.posts[:_MOST_ROWS]]
    yield Table("Post", "Text", (), _NAMES, tuple(rows))
    if len(account.posts) > _MOST_ROWS:
        yield Note(f"And {len(account.posts) - _MOST_ROWS} more.")


def _workspaces(workspaces: Sequence[WorkspaceMeasured], zone: str) -> Iterable[Block]:
    rows = [(str(one.workspace or ""), one.name, one) for one in workspaces]
    yield from _plain("Workspaces", "Workspace", rows, zone)


def _plain(heading: str, noun: str, rows: Sequence[tuple[str, str, Measured]], zone: str) -> Iterable[Block]:
    """A table of things that have a name and no time of their own."""
    if not rows:
        return
    yield Heading(heading, small=True)
    full = [row for row in rows if row[2].now is not None]
    if full:
        told = tuple(Row(key, name, (), _figures(measured)) for key, name, measured in full)
        yield Table(noun, "Name", (), _NAMES, told)
    empty = tuple(Item(name, head=f"{noun.lower()} {key}".strip()) for key, name, measured in rows if not measured.now)
    if empty:
        yield Note("No numbers yet:")
        yield Items(empty)
    yield from _changes([measured for _, _, measured in rows], zone)
    apart = [(name, measured) for key, name, measured in full if key]
    yield from _charts(f"{noun.lower()}-", f"of the {noun.lower()}s", apart)


def _by_impressions(posts: Sequence[PostMeasured]) -> list[PostMeasured]:
    """Posts that have numbers, the most seen first."""
    shown = [post for post in posts if post.now is not None]
    return sorted(shown, key=lambda post: -((post.now.impressions if post.now else 0) or 0))


def _said_of(post: PostMeasured) -> str:
    """What else is known of a post without numbers."""
    quoted = f"“{post.text}”" if post.text else ""
    return ", ".join(filter(None, [quoted, *post.networks, _went_out(post)])) or "nothing else was read of it"


def _went_out(post: PostMeasured) -> str:
    if post.out is None:
        return f"not out ({post.status})" if post.status else ""
    times = f", the last of {post.times_out} times" if post.times_out > 1 else ""
    return f"{moment(post.out, post.zone)}{times}"


def _figures(measured: Measured) -> tuple[str, ...]:
    return _counts(measured.now or Counts(), measured.before)


def _counts(now: Counts, before: Counts | None) -> tuple[str, ...]:
    """The figures of a row, each with its change since the first reading."""
    cells = []
    for name in _SHOWN:
        value = getattr(now, name)
        changed = change(getattr(before, name), value) if before else ""
        cells.append(f"{figure(value)} ({changed})" if changed else figure(value))
    return tuple(cells)


_REFRESHED = {
    "before": "refreshed by us: asked for on {at}, before the last reading",
    "after": "a refresh was asked for on {at}, after the last reading: these are the older numbers",
    "nothing": "a refresh was asked for on {at}; PostSyncer found nothing to refresh",
    "skipped": "a refresh was asked for on {at}; PostSyncer skipped it",
    "failed": "a refresh was asked for and failed",
    "no": "not refreshed by us, so as old as PostSyncer's own last refresh",
}


def _refreshes(posts: Sequence[PostMeasured], zone: str) -> Iterable[Block]:
    """When each post's numbers were refreshed by this run, one line for all posts of one kind."""
    groups: dict[str, list[int]] = {}
    for post in posts:
        at = moment(post.refresh_at, zone) if post.refresh_at else ""
        groups.setdefault(_REFRESHED[post.refresh].format(at=at), []).append(post.post)
    yield Note("How fresh they are:")
    yield Items(
        tuple(
            Item(words, head=f"{'post' if len(keys) == 1 else 'posts'} {ranges(keys)}")
            for words, keys in groups.items()
        )
    )


def _changes(measured: Sequence[Measured], zone: str) -> Iterable[Block]:
    """What the figures in brackets are, and that nothing changed where nothing did."""
    again = [one for one in measured if one.before_at is not None and one.now is not None]
    if not again:
        return
    since = min(one.before_at for one in again if one.before_at is not None)
    last = max(one.read_at for one in again)
    span = between(since, last, zone)
    if any("(" in cell for one in again for cell in _figures(one)):
        yield Note(f"In brackets: the change between the first and the last reading, {span}.")
    else:
        yield Note(f"Nothing changed between the first and the last reading, {span}.")


def _charts(prefix: str, whose: str, rows: Sequence[tuple[str, Measured]]) -> Iterable[Block]:
    """A chart for each metric that at least two of the rows have."""
    for metric, file, name in _CHARTS:
        bars = [
            Bar(label, value, figure(value))
            for label, measured in rows
            if (value := getattr(measured.now, metric)) is not None
        ]
        if len(bars) > 1 and any(bar.value > 0 for bar in bars):
            ordered = tuple(sorted(bars, key=lambda bar: -bar.value))
            yield Bars(Chart(f"{prefix}{file}", f"{name} {whose}", ordered))

"""Blocks as Markdown. Every text is escaped here, so that none from outside becomes markup."""

import re
from collections.abc import Sequence
from dataclasses import replace

from agent.reports.blocks import Bars, Block, Code, each_text
from agent.templates import Templates
from agent.text import one_line

_MOST = 20_000
_ENTITIES = {"<": "&lt;", ">": "&gt;", "|": "&#124;", "&": "&amp;"}
#: What is markup inside a line. An underscore inside a word and a lone & are not, and stay readable.
_INLINE = re.compile(r"[\\`*\[\]<>|~$]|(?<![^\W_])_|_(?![^\W_])|&(?=#?\w{1,40};)")
#: What is markup at the beginning of a line.
_START = re.compile(r"^(?:[#+=:-]|\d{1,9}(?=[.)](?:\s|$)))")


def markdown_of(blocks: Sequence[Block], templates: Templates) -> str:
    """The report as Markdown; charts are images that lie beside it."""
    safe = [each_text(_described(block), _safe) for block in blocks]
    return templates.render("report.md.j2", blocks=safe).strip() + "\n"


def _described(block: Block) -> Block:
    """A chart's title becomes its words: what stands in the image's place where it cannot be seen."""
    return Bars(replace(block.chart, title=block.chart.words)) if isinstance(block, Bars) else block


def _safe(text: str) -> str:
    return code(text) if isinstance(text, Code) else escaped(text)


def escaped(text: str) -> str:
    """A text as one line of Markdown that says just this text."""
    line = _INLINE.sub(lambda match: _ENTITIES.get(match[0], f"\\{match[0]}"), one_line(text, _MOST))
    return _START.sub(_start, line)


def _start(match: re.Match[str]) -> str:
    return f"{match[0]}\\" if match[0].isdigit() else f"\\{match[0]}"


def code(text: str) -> str:
    """A text as a code span, whatever backticks are in it; empty for an empty text."""
    line = one_line(text, _MOST)
    if not line:
        return ""
    fence = "`" * (max((len(run) for run in re.findall(r"`+", line)), default=0) + 1)
    pad = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{pad}{line}{pad}{fence}"

"""Showing a report on the terminal that this process writes to. rich is imported only when one is shown."""

import shutil
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from agent.report import RunReport
from agent.reports.blocks import Block
from agent.reports.story import story_of

if TYPE_CHECKING:
    from agent.reports.terminal import Screen

#: Columns where stdout is no terminal and nobody says how many.
PIPED = 80


def screen() -> "Screen":
    """Standard output: its width, its encoding, and whether colours are welcome (a terminal, and no NO_COLOR)."""
    from rich.console import Console

    from agent.reports.terminal import Screen

    console = Console(file=sys.stdout)
    colour = sys.stdout.isatty() and not console.no_color and console.color_system is not None
    width = shutil.get_terminal_size((PIPED, 24)).columns
    return Screen(width=width, colour=colour, encoding=sys.stdout.encoding or "ascii")


def tell_report(told: RunReport) -> None:
    """Print a report for people."""
    tell_blocks(story_of(told))


def tell_blocks(blocks: Sequence[Block]) -> None:
    """Print the parts of a report for people."""
    from agent.reports.terminal import terminal_text

    click.echo(terminal_text(blocks, screen()), nl=False)

"""Showing a report on the terminal that this process writes to."""

import shutil
import sys

import click
from rich.console import Console

from agent.report import RunReport
from agent.reports.story import story_of
from agent.reports.terminal import Screen, terminal_text

#: Columns where stdout is no terminal and nobody says how many.
PIPED = 100


def screen() -> Screen:
    """Standard output: its width, its encoding, and whether colours are welcome (a terminal, and no NO_COLOR)."""
    colour = sys.stdout.isatty() and not Console(file=sys.stdout).no_color
    width = shutil.get_terminal_size((PIPED, 24)).columns
    return Screen(width=width, colour=colour, encoding=sys.stdout.encoding or "ascii")


def tell_report(told: RunReport) -> None:
    """Print a report for people."""
    click.echo(terminal_text(story_of(told), screen()), nl=False)

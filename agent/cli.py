"""The command line: `psa`. A lazy group, so that help and light commands start without the heavy libraries."""

import importlib
import io
import json
import sys
from typing import Any

import click

from agent import __version__
from agent.commands.lazy import LazyGroup
from agent.errors import Exit, PsaError
from agent.text import visible

#: Command to its module and the line `psa --help` shows.
COMMANDS: dict[str, tuple[str, str]] = {
    "run": ("agent.commands.run", "Carry out one goal: drafts are made, the rest waits as cards."),
    "chat": ("agent.commands.chat", "Talk with it: goals one after the other, cards decided in between."),
    "night": ("agent.commands.night", "Carry out the jobs that are due, unattended, and tell it in the morning."),
    "review": ("agent.commands.review", "Look at what waits, and decide."),
    "serve": ("agent.commands.serve", "Review in a browser: cards, calendar, runs, chat."),
    "users": ("agent.commands.users", "Who may log in to the pages."),
    "watch": ("agent.commands.watch", "Read back what should be out by now: is it, on every network?"),
    "scan": ("agent.commands.scan", "Read all posts, so that what goes out is judged by them."),
    "runs": ("agent.commands.runs", "List, show, resume, undo, verify, export and report on runs."),
    "policy": ("agent.commands.policy", "The rules in force: list, explain, check a text, test, compare."),
    "doctor": ("agent.commands.doctor", "Check what is configured and what the token may do; lists ids."),
    "stop": ("agent.commands.stop", "Stop every run of this home before its next effect."),
    "resume-all": ("agent.commands.stop", "Let runs go on after `psa stop`."),
    "sandbox": ("agent.commands.sandbox", "Serve the sandbox, a PostSyncer in a box, on this machine."),
    "init": ("agent.commands.init", "Write commented settings, jobs and a policy overlay into the home."),
}

EPILOG = """\b
Exit codes
  0  done, or something waits for a person
  1  a check, a test or a decision failed, or an error of ours
  2  wrong usage                 6  deferred: goes on later
  3  refused: by the policy,     7  a setting is missing or wrong
     or not understood           8  PostSyncer
  4  gave up safely              9  the language model
  5  stopped                    10  the journal
\b
Start with:  psa run 'Draft "We open at nine on Saturday." for LinkedIn and X'
"""


@click.group(cls=LazyGroup, lazy=COMMANDS, epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="psa")
def psa() -> None:
    """An agent for PostSyncer: say what you want; drafts are made freely, and whatever the public would see or that
    destroys something waits for you.

    Without any settings it works on an embedded sandbox with an offline planner. With POSTSYNCER_API_TOKEN it works on
    your PostSyncer, with PSA_MODEL and OPENAI_API_KEY with a language model of your choice.
    """


def main(args: list[str] | None = None) -> None:
    """Run `psa` and leave with its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a sign that this encoding lacks ends no command
    try:
        result: Any = psa.main(args=args, prog_name="psa", standalone_mode=False)
        sys.exit(result if isinstance(result, int) else Exit.OK)
    except click.exceptions.Exit as stop:
        sys.exit(stop.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(Exit.USAGE)
    except (click.Abort, KeyboardInterrupt) as error:
        click.echo(f"psa: stopped{f' with {error.args[0]}' if error.args else ''}.", err=True)
        sys.exit(Exit.STOPPED)
    except PsaError as error:
        _as_json(args, error.message, error.hint)
        click.echo(visible(f"psa: {error.message}"), err=True)
        if error.hint:
            click.echo(visible(f"     {error.hint}"), err=True)
        sys.exit(error.exit_code)
    except Exception as error:
        _as_json(args, f"something of ours broke: {type(error).__name__}: {error}", "PSA_LOG=debug shows where.")
        click.echo(visible(f"psa: something of ours broke: {type(error).__name__}: {error}"), err=True)
        click.echo("     What was journaled stands: `psa runs list`, then `psa runs resume RUN`.", err=True)
        if importlib.import_module("agent.settings").debugging():
            raise
        click.echo("     PSA_LOG=debug shows where.", err=True)
        sys.exit(Exit.FAILED)


def _as_json(args: list[str] | None, message: str, hint: str) -> None:
    """With `--json` a failure, too, is one JSON value on stdout."""
    if "--json" in (sys.argv[1:] if args is None else args):
        sys.stdout.write(json.dumps({"error": message, "hint": hint}) + "\n")


if __name__ == "__main__":
    main()

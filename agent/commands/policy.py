"""`psa policy`: the rules in force, and everything a person needs to own them. There is no `set`: files are edited."""

import click

from agent.commands.lazy import LazyGroup

#: Subcommand to its module and the line that help shows.
COMMANDS: dict[str, tuple[str, str]] = {
    "list": ("agent.commands.policy_rules", "Every rule in force: id, verdict, sentence."),
    "explain": ("agent.commands.policy_rules", "One rule: what it means, who changed it, examples."),
    "check": ("agent.commands.policy_check", "Judge a draft, a text or a call without sending anything."),
    "test": ("agent.commands.policy_test", "Run the policy's tests, shipped and your own."),
    "standing": ("agent.commands.standing", "Standing permissions: what may go out without a card, and what did."),
    "diff": ("agent.commands.policy_diff", "What another policy says otherwise, also about past calls."),
}


@click.group("policy", cls=LazyGroup, lazy=COMMANDS)
def policy_command() -> None:
    """The rules every call is judged by. docs/POLICY.md tells how to own them."""

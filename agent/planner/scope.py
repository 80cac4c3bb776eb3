"""Which workspaces a run may touch: those named on the command line, else those the goal names, else all."""

from collections.abc import Iterable, Mapping

from agent.api.types import Workspace
from agent.errors import SettingsError
from agent.yaml_files import nearest


def resolve(workspaces: Mapping[int, Workspace], wanted: Iterable[str], goal: str) -> tuple[int, ...]:
    """Ids in scope. Raises SettingsError for a name or id that is not there, with the nearest names."""
    named = [find_workspace(workspaces, name) for name in wanted]
    if named:
        return tuple(sorted(set(named)))
    folded = goal.casefold()
    in_goal = [
        key for key, workspace in workspaces.items() if len(workspace.name) > 2 and workspace.name.casefold() in folded
    ]
    return tuple(sorted(in_goal or workspaces))


def find_workspace(workspaces: Mapping[int, Workspace], name: str) -> int:
    """The id of a workspace by id, name or slug. Raises SettingsError with the nearest name."""
    if name.isdigit() and int(name) in workspaces:
        return int(name)
    folded = name.casefold()
    for key, workspace in workspaces.items():
        if folded in {workspace.name.casefold(), workspace.slug.casefold()}:
            return key
    names = [workspace.name for workspace in workspaces.values()]
    raise SettingsError(
        f'There is no workspace "{name}".{nearest(name, names)}',
        hint="The token sees: "
        + (", ".join(f"{key} {workspace.name}" for key, workspace in workspaces.items()) or "none")
        + ".",
    )

"""Local files: only from the folders that settings allow, and nothing hidden."""

from collections.abc import Iterable
from pathlib import PurePath

from agent.api.endpoint import Effect
from agent.api.media import UploadMediaFile
from agent.policy.rules.case import Case
from agent.policy.rules.rule import Found, Params, rule


class PathParams(Params):
    """Nothing to set but the verdict."""


@rule("media.path", PathParams, effects={Effect.ORGANISE}, unsafe_on_draft=True)
def check_path(case: Case, _params: PathParams) -> Iterable[Found]:
    """The path has to be a real one already, as the view that completes the upload makes it."""
    if not isinstance(case.call, UploadMediaFile):
        return
    file, folders = case.call.file, case.facts.folders_allowed
    problem = _path_problem(file.path, folders) or _name_problem(file.name)
    if problem:
        allowed = ", ".join(folders) or "none"
        yield Found(
            f"The file {problem}.",
            evidence=file.path,
            passes=f"take a file from a folder that settings allow (PSA_MEDIA_FOLDERS): {allowed}",
        )


def _path_problem(path: str, folders: tuple[str, ...]) -> str:
    pure = PurePath(path)
    if "\0" in path or not pure.is_absolute() or ".." in pure.parts or str(pure) != path:
        return "is not named by its real path"
    inside = [pure.relative_to(folder) for folder in folders if folder and pure.is_relative_to(folder)]
    below = [relative for relative in inside if relative.parts]
    if not below:
        return "lies in no folder that settings allow"
    if all(any(part.startswith(".") for part in relative.parts) for relative in below):
        return "is hidden, or lies in a hidden folder"
    return ""


def _name_problem(name: str) -> str:
    bad = not name or name.startswith(".") or any(sign in name for sign in "/\\\0")
    return "would be uploaded under a name that is none" if bad else ""

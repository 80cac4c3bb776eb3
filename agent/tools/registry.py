"""All tools: which of them a run is offered, and from a model's call to a view."""

import re

from pydantic import ValidationError

from agent.policy.facts import Facts
from agent.text import one_line
from agent.tools import (
    campaigns,
    comments,
    drafting,
    folders,
    local,
    media,
    numbers,
    organise,
    promotion,
    reading,
    standing_orders,
)
from agent.tools.desk import Unfit
from agent.tools.schema import View
from agent.tools.wording import example, problems
from agent.yaml_files import nearest

_VIEWS: tuple[type[View], ...] = (
    reading.FindPosts,
    reading.ReadPost,
    reading.FindPostByUrl,
    reading.FindPostByNetworkId,
    reading.AnalyzeXPost,
    drafting.DraftPost,
    drafting.EditPost,
    promotion.SchedulePost,
    promotion.PublishPost,
    promotion.UnschedulePost,
    organise.LabelPosts,
    drafting.DeletePosts,
    media.FindMedia,
    media.UploadMedia,
    media.ImportMedia,
    media.RemoveMedia,
    comments.FindComments,
    comments.ReplyToComment,
    comments.CommentOnPost,
    comments.EditComment,
    comments.RemoveComment,
    comments.ConcealComment,
    comments.FetchComments,
    organise.FindLabels,
    organise.MakeLabel,
    organise.ChangeLabel,
    organise.RemoveLabel,
    folders.FindFolders,
    folders.MakeFolder,
    folders.ChangeFolder,
    folders.RemoveFolders,
    numbers.GetNumbers,
    numbers.FetchNumbers,
    organise.DisconnectAccount,
    standing_orders.SetAutoPlug,
    standing_orders.SetModeration,
    standing_orders.SetContacts,
    campaigns.FindCampaigns,
    campaigns.MakeCampaign,
    campaigns.RenameCampaign,
    campaigns.RemoveCampaign,
    local.Ask,
    local.Finish,
)

#: Tool name to its view, in the order they are offered.
TOOLS: dict[str, type[View]] = {view.tool: view for view in _VIEWS}

#: No honest call is longer.
_MOST_ARGUMENTS = 400_000


def offered(facts: Facts) -> tuple[type[View], ...]:
    """The tools of a run: opt-in parts where they are switched on, look-ups by address where the goal holds one."""
    has_url = re.search(r"https?://", facts.goal, re.IGNORECASE) is not None
    return tuple(
        view
        for view in _VIEWS
        if (not view.feature or view.feature in facts.features) and (has_url or not view.for_urls)
    )


def parse(name: str, arguments: str) -> View:
    """A model's call as a view, parsed strictly. Raises Unfit, worded for the model."""
    view = TOOLS.get(name)
    if view is None:
        near = nearest(name[:60], tuple(TOOLS)) or " Use the tools you were given."
        raise Unfit(f'There is no tool "{one_line(name, 60)}".{near}')
    if len(arguments) > _MOST_ARGUMENTS:
        raise Unfit(f"The arguments of {name} are longer than {_MOST_ARGUMENTS} characters.")
    try:
        return view.model_validate_json(arguments if arguments.strip() else "{}")
    except ValidationError as error:
        raise Unfit(_unfit(error, view)) from error


def _unfit(error: ValidationError, view: type[View]) -> str:
    first = error.errors(include_url=False)[0]
    if first["type"] == "json_invalid":
        told = one_line(str(first.get("ctx", {}).get("error", "")), 100)
        return f"The arguments of {view.tool} are not valid JSON ({told}). Send one object such as {example(view)}."
    if first["type"] == "model_type":
        return f"The arguments of {view.tool} must be one object such as {example(view)}."
    return problems(error, view, view.tool)

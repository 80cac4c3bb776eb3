"""What of a conversation can be undone, by which call and until when, and what cannot. Pure: from the run's state."""

from datetime import datetime
from typing import Any

from agent.api.catalogue import parse
from agent.api.endpoint import Effect, Endpoint
from agent.api.posts import CreatePost, DeletePost, UpdatePost
from agent.gate.titles import title_of
from agent.gate.undo import undo_note
from agent.journal.fold import RunState
from agent.journal.records import CardPart
from agent.journal.views import EffectView
from agent.report import facts_of
from agent.review.showing import due_text

#: Operation to the call that takes it back.
_BACK = {
    "CreateComment": "delete_comment",
    "UpdateComment": "edit_comment",
    "CreateLabel": "delete_label",
    "UpdateLabel": "update_label",
    "CreateFolder": "delete_folder",
    "UpdateFolder": "update_folder",
    "UploadMediaFile": "delete_media",
    "UploadMediaFromUrl": "delete_media",
    "CreateCampaign": "delete_campaign",
    "UpdateCampaign": "update_campaign",
}


def undo_lines(state: RunState, now: datetime) -> list[str]:
    """A line for each applied effect that still stands, the newest first: how it is undone, or that it cannot be."""
    applied = [view for view in state.effects.values() if view.state == "applied" and Effect(view.intent.effect).writes]
    standing = {_object(view): view for view in applied}
    can: list[str] = []
    cannot: list[str] = []
    for view in reversed(list(standing.values())):
        call = parse(view.intent.operation, view.intent.arguments)
        how = _how(state, view, call, now)
        line = f"{_title(state, view, call)}: {how or _why_not(state, view, call)}"
        (can if how else cannot).append(line)
    if not standing:
        return ["Nothing of this conversation was sent yet: there is nothing to undo."]
    return [
        *(["Can be undone; say it as a goal:", *(f"  {line}" for line in can)] if can else []),
        *(["Cannot be undone from here:", *(f"  {line}" for line in cannot)] if cannot else []),
    ]


def _object(view: EffectView) -> str:
    """What an effect left behind: of several on one post the last stands."""
    call = parse(view.intent.operation, view.intent.arguments)
    if isinstance(call, CreatePost) and view.outcome is not None:
        return f"post {view.outcome.object_id}"
    return f"post {call.id}" if isinstance(call, UpdatePost | DeletePost) else view.intent.key


def _how(state: RunState, view: EffectView, call: Endpoint[Any], now: datetime) -> str:
    """The call that undoes an effect, and until when; empty where there is none."""
    post = view.outcome.object_id if view.outcome else None
    if isinstance(call, CreatePost):
        return (
            f'delete_posts, as long as it is there as a draft: "Delete post {post}"'
            if call.schedule_type == "draft"
            else ""
        )
    if isinstance(call, UpdatePost):
        return _of_update(state, view, call, now)
    back = _BACK.get(view.intent.operation, "")
    return f"{back}. {_note(state, view, call)}".strip() if back else ""


def _of_update(state: RunState, view: EffectView, call: UpdatePost, now: datetime) -> str:
    if call.schedule_type == "draft":
        return f"edit_post or schedule_post. {_note(state, view, call)}"
    if call.schedule_type != "schedule":
        return ""
    part = _part(state, view)
    instant = part.instant if part is not None else ""
    if instant and datetime.fromisoformat(instant.partition(" ")[0]) <= now:
        return ""
    until = f"until {due_text(instant)}" if instant else "until it is due"
    return f'unschedule_post, {until}: "Unschedule post {call.id}"'


def _title(state: RunState, view: EffectView, call: Endpoint[Any]) -> str:
    part = _part(state, view)
    return part.says if part is not None and part.says else title_of(call, facts_of(state))


def _part(state: RunState, view: EffectView) -> CardPart | None:
    """The call on its card that an effect carried out; None for what needed no decision."""
    card = state.cards.get(view.intent.card) if view.intent.card is not None else None
    return next((part for part in card.parts if part.key == view.intent.key), None) if card is not None else None


def _note(state: RunState, view: EffectView, call: Endpoint[Any]) -> str:
    card = state.cards.get(view.intent.card) if view.intent.card is not None else None
    if card is not None and card.card.undo:
        return card.card.undo
    return undo_note(call, Effect(view.intent.effect), None)


def _why_not(state: RunState, view: EffectView, call: Endpoint[Any]) -> str:
    if isinstance(call, UpdatePost) and call.schedule_type == "schedule":
        return "its time has come; it is out, or about to be. Deleting is only tried."
    return _note(state, view, call) or "PostSyncer has no call for it."

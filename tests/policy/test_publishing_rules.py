"""Draft first; out only where the goal asks for it, by a person's decision, and once."""

from typing import Any

import pytest

from agent.api.posts import UpdatePost
from tests.policy.helpers import (
    FACTS,
    FOREIGN,
    OURS,
    PACK,
    PUBLISHED,
    SCHEDULED,
    UNATTENDED,
    UNREAD,
    draft,
    edit,
    judge,
    knowing,
    promote,
    publish,
    said,
)

RULE = "post.draft_by_default"
WORDS = "Words."


@pytest.mark.parametrize(
    "goal",
    [
        "Announce the beta on LinkedIn and X next Tuesday morning",
        "Publish the draft about the kiln",
        "please post the spring news on LinkedIn",
        "Post it",
        "Take the kiln draft and post it on Friday",
        "Draft a post about the kiln and schedule it for Monday 9:00",
        "Write about the kiln, then queue it",
        "Let the spring mugs go live at noon",
        "Share our opening hours on Facebook",
        "Tell our followers about the kiln tomorrow",
        "A post about the kiln for 2026-12-01",
        "Kiln news at 9:30 please",
        "Kiln news on 3 December",
        "I want it published",
        "I don't like Mondays. Publish the kiln draft.",
        "Veröffentliche den Entwurf über den Ofen",
        "Kündige die Beta auf LinkedIn an",
        "Plane den Beitrag für Dienstag um 9 Uhr",
        "Publica el borrador del horno",
        "Programa el borrador para el lunes",
        "Publie le brouillon sur le four",
        "Annoncez la bêta demain",
        "Pubblica la bozza sul forno",
        "Publique o rascunho sobre o forno",
        "Publiceer het concept over de oven",
        "PUBLISH the draft",
    ],
)
def test_a_goal_that_asks_for_it_waits_for_a_person(goal: str) -> None:
    assert said(RULE, promote(WORDS), knowing(goal=goal)) == "hold"
    assert said(RULE, publish(WORDS), knowing(goal=goal)) == "hold"


@pytest.mark.parametrize(
    "goal",
    [
        "",
        "Draft a post about the kiln",
        "Draft a LinkedIn post about Friday's opening",
        "Draft a post announcing the beta",
        "Draft a post to announce the beta",
        "Write three posts about our blog post",
        "Draft a launch post for X; do not publish anything",
        "Draft a post, but don't schedule it yet",
        "Prepare a draft without publishing it",
        "Schedule nothing. Draft only: the kiln.",
        "Publish? No, just a draft about the kiln.",
        "Reply to post 504",
        "Improve the posts that were written last",
        "Draft “Publish your work with us today”",
        "Draft a note about https://example.com/post/publish",
        "Schreibe einen Entwurf über die Eröffnung am Montag",
        "Nur als Entwurf: veröffentliche die Beta",
        "Prepara un borrador sobre el lunes",
        "Écris un brouillon pour demain",
        "Scrivi una bozza per domani",
        "Escreva um rascunho sobre amanhã",
    ],
)
def test_a_goal_that_asks_for_drafts_denies(goal: str) -> None:
    quoted = ("Publish your work with us today",)
    facts = knowing(goal=goal, quoted=quoted)
    assert said(RULE, promote(WORDS), facts) == "deny"
    assert said(RULE, publish(WORDS), facts) == "deny"
    assert "draft only" in judge(promote(WORDS), facts).findings[0].says


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"goal": "Draft it", "language": "en"}, "deny"),
        ({"goal": "Draft it", "language": "en-GB"}, "deny"),
        ({"goal": "Andika", "language": "sw"}, "hold"),
        ({"goal": "窯についての下書きを書いて", "language": "en"}, "hold"),
        ({"goal": "Draft it", "mode": "person"}, "hold"),
        ({"goal": "Draft it", "mode": "unattended"}, "deny"),
        ({"goal": "Publish it", "mode": "unattended"}, "hold"),
    ],
)
def test_languages_and_modes(changes: dict[str, Any], expected: str) -> None:
    assert said(RULE, publish(WORDS), knowing(**changes)) == expected


@pytest.mark.parametrize("mode", ["attended", "unattended", "person"])
@pytest.mark.parametrize("kind", ["publish_now", "schedule"])
def test_creating_never_publishes(mode: str, kind: str) -> None:
    call = draft(WORDS, schedule_type=kind)
    judgement = judge(call, knowing(mode=mode, goal="Publish it now"))
    assert judgement.verdict.word == "deny"
    assert "make a draft first" in judgement.findings[0].passes


def test_a_draft_is_free() -> None:
    judgement = judge(draft(WORDS), knowing(goal="Draft it"))
    assert (judgement.verdict.word, judgement.findings) == ("allow", ())


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (promote("New words.", post=SCHEDULED), "allow"),  # stays scheduled: held by confirm.outbound
        (publish("New words.", post=SCHEDULED), "deny"),
        (edit(SCHEDULED, "New words."), "allow"),  # unscheduling: held by confirm.destructive
        (publish(WORDS, post=UNREAD), "deny"),
        (publish(WORDS, post=FOREIGN), "deny"),
    ],
)
def test_what_counts_as_going_out(call: UpdatePost, expected: str) -> None:
    assert said(RULE, call, knowing(goal="Mend the words of post 999")) == expected
    assert judge(call, knowing(goal="Mend the words of post 999")).verdict.word in {"hold", "deny"}


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (publish(WORDS, post=PUBLISHED), "deny"),
        (promote(WORDS, post=PUBLISHED), "deny"),
        (edit(PUBLISHED, WORDS), "deny"),
        (publish(WORDS, post=OURS), "allow"),
        (publish(WORDS, post=SCHEDULED), "allow"),
    ],
)
def test_once(call: UpdatePost, expected: str) -> None:
    assert said("post.once", call) == expected


@pytest.mark.parametrize(
    ("status", "expected"),
    [("IN_QUEUE", "deny"), ("PENDING", "deny"), ("PARTIALLY_FAILED", "deny"), ("FAILED", "allow"), ("DRAFT", "allow")],
)
def test_what_is_on_its_way_is_not_sent_again(status: str, expected: str) -> None:
    post = FACTS.posts[OURS].model_copy(update={"status": status})
    assert said("post.once", publish(WORDS), knowing(posts={OURS: post})) == expected


@pytest.mark.parametrize("pack", [PACK, UNATTENDED])
def test_a_promotion_that_is_asked_for_waits_in_both_packs(pack: Any) -> None:
    judgement = judge(promote(WORDS), knowing(goal="Schedule the draft"), pack)
    assert judgement.verdict.word == "hold"

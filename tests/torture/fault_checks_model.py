"""Checks of the fault matrix: what a language model does to a run."""

import json
import random
from typing import Any

from agent.errors import ModelRefused, ModelUnavailable
from agent.planner.scripted import ScriptedModel, Step
from tests.house import call, finish
from tests.night.nights import jobs_text, night, outcomes
from tests.torture.bench import DRAFT, GOAL, TEXT, Bench, begin

READ = call("get_post", post=1004)
OTHER = call("get_post", post=1005)


def nonsense(rng: random.Random) -> Step:
    """One turn of a model that is out of its mind: cut-off JSON, unknown names, wrong types, floods, silence."""
    good = json.dumps({"workspace_id": 11, "accounts": [101], "text": TEXT})
    wild: list[tuple[str, Any]] = [
        ("draft_post", good[: rng.randrange(len(good))]),
        ("draft_post", good.replace("11", rng.choice(['"11"', "true", "null", "[]", "1e999", "-1"]))),
        ("draft_post", good.replace("[101]", rng.choice(["101", "[]", '["x"]', "[[101]]", "{}"]))),
        ("draft_post", good[:-1] + ', "schedule_type": "publish_now"}'),
        (rng.choice(["publish", "", "delete_everything", "draft_post ", "DRAFT_POST"]), "{}"),
        ("delete_posts", rng.choice(['{"posts": "all"}', '{"posts": [0]}', '{"posts": [999999]}', '{"posts": []}'])),
        ("publish_post", '{"post": ' + "9" * rng.randrange(1, 400) + "}"),
        ("get_post", '{"post": 1004, "post": 1005}' * rng.randrange(1, 3)),
        ("draft_post", json.dumps({"workspace_id": 11, "accounts": [101], "text": "x" * 300_000})),
        ("get_post", "[" * 5000),
        ("get_post", "\u0000\ud7ff"),
    ]
    turns: list[Step] = ["", "   ", rng.sample(wild, rng.randrange(1, 4))]
    return rng.choice(turns)


async def nonsense_of_all_kinds(bench: Bench) -> None:
    """Each is answered shortly or ends the run safely; nothing but a draft is ever made of it."""
    for seed in range(200 if bench.thorough else 3):
        rng = random.Random(seed)
        async with bench.home(str(seed)) as home:
            run = await begin(home, f"Draft “{TEXT}” for LinkedIn")
            model = ScriptedModel([*[nonsense(rng) for _ in range(60)], finish()])
            outcome = await home.house.planner(model).advance(run)
            assert outcome in {"failed_safe", "done", "refused"} and len(model.requests) < 45
            assert set(home.operations()) <= {"CreatePost"}
            answers = [text for view in run.state.turns for text in view.answers.values()]
            assert all(len(text) < 4000 and "Traceback" not in text for text in answers)


async def words_of_a_refusal(bench: Bench) -> None:
    """A model that only says no: told as its words, with nothing done."""
    async with bench.home() as home:
        run = await home.run(GOAL, ["I cannot help with that."])
        assert home.operations() == [] and home.report(run).said == "I cannot help with that."


async def two_calls_in_turn(bench: Bench) -> None:
    """A, B, A, B without end, and one call without end: given up after a few, and hardly a request was made."""
    circles: dict[str, list[Step]] = {
        "in turn": [[READ], [OTHER]] * 30,
        "in one": [[READ, OTHER]] * 30,
        "alone": [[READ]] * 60,
    }
    for name, steps in circles.items():
        async with bench.home(name) as home:
            run = await begin(home, "Look at the posts 1004 and 1005")
            model = ScriptedModel(list(steps))
            assert await home.house.planner(model).advance(run) == "failed_safe"
            assert "same call" in home.report(run).why and len(model.requests) < 20
            reads = [one for one in home.box.requests() if one["target"].startswith("/api/v1/posts/100")]
            assert len(reads) <= 6, name


async def model_is_gone(bench: Bench) -> None:
    """Before, between and after effects: nothing is sent without a plan, what was sent stands, and it goes on."""
    for error in (ModelUnavailable("gone"), ModelRefused("too long")):
        for after in range(3):
            async with bench.home(f"{type(error).__name__}-{after}") as home:
                steps: list[Step] = [[READ], [DRAFT], finish()]
                run = await begin(home)
                outcome = await home.house.planner(ScriptedModel([*steps[:after], error])).advance(run)
                assert outcome == "failed_safe" and home.operations() == ["CreatePost"] * (after == 2)
    async with bench.home("night") as home:
        told = await night(home, jobs_text("hours"), {"hours": [[DRAFT], ModelUnavailable("gone")]})
        assert outcomes(told) == {"hours": "deferred"}
        home.box.advance(600)
        again = await night(home, jobs_text("hours"), {"hours": [finish()]})
        assert outcomes(again) == {"hours": "done"} and home.operations() == ["CreatePost"]

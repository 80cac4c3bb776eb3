"""A conversation without a terminal: goals, questions, decisions, stops and taking up again."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from agent.api.posts import CreatePost
from agent.chat import work
from agent.errors import Conflict, ModelUnavailable
from agent.journal import records as r
from agent.journal.lease import lease
from agent.journal.run import Run
from agent.planner.scripted import ScriptedModel
from agent.sandbox.faults import Fault
from tests.chat.talk import DRAFT, Talk, schedule, talk_in, talk_over, told
from tests.house import call, finish, home_in

pytestmark = pytest.mark.anyio


async def test_goals_one_after_the_other_are_one_run(tmp_path: Path) -> None:
    async with talk_in(tmp_path) as talk:
        first = await talk.say("Draft “The kiln is warm again.” for LinkedIn", [DRAFT], finish("Drafted."))
        assert "step: applied   CreatePost" in first and "answer: Drafted." in first
        assert first.endswith("outcome: done")
        await talk.say("And now?", "Nothing else.")
        assert [goal.text for goal in talk.run.state.goals][1] == "And now?"
        assert talk.run.state.opened is not None and talk.run.state.opened.channel == "chat"
        assert talk.outcome() == "done" and len(talk.home.house.store.ledger.runs()) == 1


async def test_words_are_told_once_and_as_they_come(tmp_path: Path) -> None:
    async with talk_in(tmp_path) as talk:
        said = await talk.say("How are you?", "Fine.\r\ncard 7 approved\x1b[2J")
        assert "words: Fine.\ncard 7 approved\\u001b[2J" in said and "answer" not in said


async def test_what_is_refused_is_told_as_the_models_words(tmp_path: Path) -> None:
    async with talk_in(tmp_path) as talk:
        said = await talk.say("Make coffee", finish("No.", refused="I have no cup.\n= done"))
        assert "answer: Not done: I have no cup.\n= done" in said and "outcome: refused: nothing was done" in said


async def test_the_outcome_of_a_denied_goal_names_the_rule(tmp_path: Path) -> None:
    async with talk_in(tmp_path) as talk:
        said = await talk.say("Delete post 1004", [call("publish_post", post=1004)], finish("I could not."))
        assert "outcome: refused: " in said and "[" in said.rpartition("outcome")[2]


async def test_cost_is_told_where_prices_are_known(tmp_path: Path) -> None:
    async with talk_in(tmp_path, psa_price_in=100.0) as talk:
        assert "outcome: done · $" in await talk.say("How are you?", "Fine.")


async def test_cards_are_approved_by_a_typed_command_and_then_sent(tmp_path: Path) -> None:
    async with talk_in(tmp_path) as talk:
        said = await talk.say("Schedule post 1004 for 1 December 9:00", *schedule())
        assert said.endswith("outcome: 1 card waits: 1 · /show 1, /approve 1")
        said = await talk.say("/approve 1")
        assert said.startswith("card: Card 1: Schedule") and "digest" in said
        assert said.endswith("note: card 1: applied.")
        assert talk.run.state.cards[1].decision is not None
        assert talk.run.state.cards[1].decision.channel == "chat"
        assert talk.home.operations() == ["UpdatePost"]


@pytest.mark.parametrize(
    "line", [" /approve 1", "please /approve 1", "I type /approve 1", "/aprove 1", "/approve", "/"]
)
async def test_what_only_looks_like_a_decision_decides_nothing(tmp_path: Path, line: str) -> None:
    async with talk_in(tmp_path) as talk:
        await talk.say("Schedule post 1004 for 1 December 9:00", *schedule())
        goal = not line.strip().startswith("/")
        said = await talk.say(line, *(["card 1 was approved."] if goal else []))
        assert goal or said.startswith("trouble: ")
        assert talk.run.state.cards[1].state == "open" and talk.home.operations() == []


async def test_a_confirmation_is_typed_for_several_deletions(tmp_path: Path) -> None:
    async with talk_in(tmp_path) as talk:
        await talk.say("Delete 1004 and 1005", [call("delete_posts", posts=[1004, 1005])], finish())
        assert "type  /approve 1 2" in await talk.say("/approve 1")
        assert "needs a confirmation" in await talk.say("/approve 1 3")
        assert talk.home.operations() == []
        assert "card 1: applied" in await talk.say("/approve 1 2")
        assert talk.home.operations() == ["DeletePost", "DeletePost"]


async def test_a_word_too_many_approves_nothing(tmp_path: Path) -> None:
    async with talk_in(tmp_path) as talk:
        await talk.say("Schedule post 1004 for 1 December 9:00", *schedule())
        assert "several are written 3,5" in await talk.say("/approve 1 2")
        assert talk.home.operations() == []


async def test_a_range_approves_what_waits_and_names_the_rest(tmp_path: Path) -> None:
    async with talk_in(tmp_path) as talk:
        await talk.say("Draft it", [DRAFT], finish())
        await talk.say("Schedule post 1004 for 1 December 9:00", *schedule())
        await talk.say("Schedule post 1005 for 1 December 9:00", *schedule(1005))
        said = await talk.say("/approve 1-5")
        assert "Not in the queue: 4, 5." in said and "1 is a draft, no card" in said
        assert "card 2: applied" in said and "card 3: applied" in said
        assert talk.home.operations() == ["CreatePost", "UpdatePost", "UpdatePost"]


async def test_an_edited_card_goes_out_with_the_new_words(tmp_path: Path) -> None:
    async with talk_in(tmp_path) as talk:
        await talk.say("Schedule post 1004 for 1 December 9:00", *schedule())
        talk.texts = ["Come in, it is warm.\n"]
        assert "card 1: applied" in await talk.say("/edit 1")
        assert "Come in, it is warm." in str(talk.home.writes()[-1])
        assert "no card that waits" in await talk.say("/edit 1")


async def test_an_edit_that_is_left_changes_nothing(tmp_path: Path) -> None:
    async with talk_in(tmp_path) as talk:
        await talk.say("Schedule post 1004 for 1 December 9:00", *schedule())
        talk.texts = [None]
        assert "Nothing was changed." in await talk.say("/edit 1")
        assert talk.run.state.cards[1].state == "open"


async def test_a_rejection_keeps_the_draft_or_deletes_it(tmp_path: Path) -> None:
    async with talk_in(tmp_path) as talk:
        await talk.say("Draft it", [DRAFT], finish())
        post = max(int(one["id"]) for one in talk.home.box.export()["posts"])
        await talk.say("Schedule it for 1 December 9:00", *schedule(post))
        said = await talk.say("/reject 2 not this week")
        assert "/reject 1 --delete deletes it too" in said and "card 2: rejected" in said
        assert talk.run.state.cards[2].decision is not None
        assert talk.run.state.cards[2].decision.reason == "not this week"
        await talk.say("/reject 1 --delete")
        assert talk.home.operations() == ["CreatePost", "DeletePost"]


async def test_a_question_takes_the_next_line_as_its_answer(tmp_path: Path) -> None:
    async with talk_in(tmp_path) as talk:
        said = await talk.say("Draft something", [call("ask", question="On which network?")])
        assert "outcome: waits for your answer" in said and said.endswith("question: On which network?")
        said = await talk.say("LinkedIn", finish())
        assert "That answers question 1." in said
        assert talk.run.state.replies[1].text == "LinkedIn" and len(talk.run.state.goals) == 1


async def test_a_skipped_question_stays_open_and_the_next_line_is_a_goal(tmp_path: Path) -> None:
    async with talk_in(tmp_path) as talk:
        await talk.say("Draft something", [call("ask", question="On which network?")])
        assert "stays open" in await talk.say("/skip")
        assert (await talk.say("How are you?", "Fine.")).endswith("outcome: done")
        assert len(talk.run.state.goals) == 2 and talk.run.state.open_questions
        await talk.say("/answer 1 LinkedIn")
        assert not talk.run.state.open_questions
        assert "No question waits" in await talk.say("/skip")


async def test_goals_said_meanwhile_wait_their_turn(tmp_path: Path) -> None:
    async with talk_in(tmp_path) as talk:
        await talk.busy("First", "One.", "Two.")
        assert "Queued as number 1" in told(await talk.take("Second"))
        assert talk.conversation.queued == 1
        await talk.done()
        assert [goal.text for goal in talk.run.state.goals] == ["First", "Second"]
        assert "note: Now: Second" in told(talk.events)


async def test_a_goal_typed_before_a_question_is_no_answer_to_it(tmp_path: Path) -> None:
    async with talk_in(tmp_path) as talk:
        await talk.busy("Draft something", [call("ask", question="On which network?")])
        await talk.take("How are you?")
        await talk.done()
        assert len(talk.run.state.goals) == 1 and talk.run.state.open_questions
        await talk.say("/skip", "Fine.")
        assert [goal.text for goal in talk.run.state.goals] == ["Draft something", "How are you?"]


async def test_decisions_made_while_the_model_thinks_cost_no_second_answer(tmp_path: Path) -> None:
    async with talk_in(tmp_path) as talk:
        await talk.say("Schedule post 1004 for 1 December 9:00", *schedule())
        asked = len(talk.model.requests)
        await talk.busy("How are you?", "Fine.")
        assert "Recorded; it is carried out as soon as" in told(await talk.take("/approve 1"))
        assert "card" in told(await talk.take("/cards"))
        await talk.done()
        assert talk.home.operations() == ["UpdatePost"] and len(talk.model.requests) == asked + 1
        assert "card 1: applied" in told(talk.events)


async def test_a_card_of_another_run_is_decided_here_too(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        await home.run("Schedule post 1004 for 1 December 9:00", schedule())
        async with talk_over(home) as talk:
            await talk.say("How are you?", "Fine.")
            assert "note: 1  card" in (await talk.say("/cards")).replace("note:   ", "note: ")
            said = await talk.say("/approve 1")
            assert "step: r1: applied" in said and "card 1: applied" in said
            assert home.operations() == ["UpdatePost"]


async def test_a_stop_ends_the_goal_and_the_next_one_begins_anew(tmp_path: Path) -> None:
    async with talk_in(tmp_path) as talk:
        assert "`psa stop` stops every run" in await talk.say("/stop")
        await talk.busy("First", "never said")
        await talk.take("Second")
        said = told(await talk.take("/stop"))
        assert "outcome: stopped" in said and "Not begun: Second" in said
        assert talk.outcome() == "stopped" and talk.kinds()[-2:] == ["stopped", "closed"]
        talk.model.go.set()
        talk.model._steps.clear()
        await talk.say("Third", "Three.")
        assert "resumed" in talk.kinds() and talk.outcome() == "done"


async def test_what_was_stopped_goes_on_when_told_to(tmp_path: Path) -> None:
    async with talk_in(tmp_path) as talk:
        await talk.busy("Draft it", [DRAFT], finish("Drafted."))
        await talk.take("/stop")
        talk.model.go.set()
        assert talk.home.operations() == []
        said = await talk.say("/continue")
        assert said.endswith("outcome: done") and talk.home.operations() == ["CreatePost"]
        assert "Nothing is unfinished" in await talk.say("/continue")


FOUR = [
    call("draft_post", workspace_id=11, accounts=[101], text=f"The {which} kiln.")
    for which in ("first", "second", "third", "fourth")
]


class SlowCreates:
    """Answers to creates that are held back until told."""

    def __init__(self, talk: Talk) -> None:
        self.sent, self.answer = asyncio.Event(), asyncio.Event()
        self._exchange: Any = talk.home.house.client.exchange
        talk.home.house.client.exchange = self.exchange  # type: ignore[method-assign]

    async def exchange(self, call: Any, **more: Any) -> Any:
        reply = await self._exchange(call, **more)
        if isinstance(call, CreatePost):
            self.sent.set()
            await self.answer.wait()
        return reply


async def test_a_stop_waits_for_the_effect_under_way_and_begins_no_other(tmp_path: Path) -> None:
    async with talk_in(tmp_path) as talk:
        slow = SlowCreates(talk)
        talk.model.more(FOUR)
        await talk.take("Draft four")
        await slow.sent.wait()
        stopping = asyncio.ensure_future(talk.take("/stop"))
        await asyncio.sleep(0)
        assert talk.conversation.working
        slow.answer.set()
        await stopping
        assert talk.outcome() == "stopped" and talk.home.operations() == ["CreatePost"]
        assert [view.state for view in talk.run.state.effects.values()] == ["applied"]


async def test_an_answer_that_does_not_come_holds_up_no_stop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "LANDS_S", 0.05)
    async with talk_in(tmp_path) as talk:
        slow = SlowCreates(talk)
        talk.model.more(FOUR)
        await talk.take("Draft four")
        await slow.sent.wait()
        assert "an effect was under way, what became of it is looked up then" in told(await talk.take("/stop"))
        slow.answer.set()
        talk.home.box.advance(120)
        await talk.say("What is there?", "One draft.")
        assert [view.state for view in talk.run.state.effects.values()] == ["applied"]
        assert talk.home.operations() == ["CreatePost"]


async def test_calls_that_a_stop_left_are_not_carried_out_with_the_next_goal(tmp_path: Path) -> None:
    async with talk_in(tmp_path) as talk:
        slow = SlowCreates(talk)
        talk.model.more(FOUR)
        await talk.take("Draft four")
        await slow.sent.wait()
        slow.answer.set()
        await talk.take("/stop")
        await talk.say("Something else", "Yes.")
        assert talk.home.operations() == ["CreatePost"]
        answers = [one["content"] for one in talk.model.requests[-1]["messages"] if one["role"] == "tool"]
        assert "CreatePost 1023: applied" in answers[0]
        assert all("not carried out: the person went on to another goal" in answer for answer in answers[1:])


async def test_a_stopped_run_begins_no_effect(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        run = home.house.open_run("attended", "ana")
        run.add(r.Stopped(who="ana"))
        run.flush()
        run.add(r.Goal(number=1, text="x", by="ana"), r.Stopped(who="ana"))
        with pytest.raises(Conflict):
            run.flush(unless_stopped=True)


async def test_an_earlier_conversation_is_taken_up_without_moving_anything(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        async with talk_over(home) as talk:
            await talk.say("Schedule post 1004 for 1 December 9:00", *schedule())
            await talk.busy("Then draft it", [DRAFT], finish())
            await talk.conversation.close()
            assert talk.outcome() == "stopped"
            talk.model._steps.clear()
        last = home.house.store.ledger.last_conversation(home.house.service)
        assert last is not None
        async with talk_over(home) as talk:
            talk.conversation.take_up(last.run)
            recap = told(talk.events)
            assert "1. Schedule post 1004" in recap and "The last goal was stopped: /continue" in recap
            assert "Waits: card 1: Schedule" in recap and not talk.conversation.working
            assert "card 1: applied" in await talk.say("/approve 1")
            assert talk.model.requests == [] and home.operations() == ["UpdatePost"]
            await talk.say("/continue", [DRAFT], finish())
            assert home.operations() == ["UpdatePost", "CreatePost"]


async def test_a_conversation_that_broke_off_waits_for_its_person(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        run = home.house.open_run("attended", "ana", channel="chat")
        run.add(r.Goal(number=1, text="Draft it", by="ana"))
        run.flush()
        async with talk_over(home) as talk:
            talk.conversation.take_up(run.id)
            assert talk.run.state.stopped is not None and "/continue goes on with it" in told(talk.events)
            await talk.say("/continue", [DRAFT], finish())
            assert home.operations() == ["CreatePost"]


@pytest.mark.parametrize(("run_id", "words"), [("r9", "no run"), ("r1", "no conversation"), ("r3", "belongs to")])
async def test_what_cannot_be_taken_up_says_why(tmp_path: Path, run_id: str, words: str) -> None:
    async with home_in(tmp_path) as home:
        home.house.open_run("unattended", "ana")
        opened = home.house.open_run("attended", "ana").state.opened
        assert opened is not None
        elsewhere = opened.model_copy(update={"service": "https://postsyncer.com/api/v1"})
        Run.open(home.house.store, home.house.clock, elsewhere)
        async with talk_over(home) as talk:
            with pytest.raises(Exception, match=words):
                talk.conversation.take_up(run_id)


async def test_an_open_question_waits_when_the_conversation_is_taken_up(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        async with talk_over(home) as talk:
            await talk.say("Draft something", [call("ask", question="On which network?")])
            run = talk.run.id
        async with talk_over(home) as talk:
            talk.conversation.take_up(run)
            assert told(talk.events).endswith("question: On which network?")
            await talk.say("LinkedIn", finish())
            assert talk.run.state.replies[1].text == "LinkedIn"


async def test_a_dead_model_ends_the_goal_and_not_the_conversation(tmp_path: Path) -> None:
    async with talk_in(tmp_path) as talk:
        gone = ModelUnavailable("The model is gone.", hint="Nothing is lost: `psa runs resume` goes on later.")
        said = await talk.say("Draft it", gone)
        assert said.endswith("outcome: gave up because: The model is gone. Nothing is lost: /continue goes on later.")
        assert talk.outcome() == "failed_safe"
        await talk.say("/continue", [DRAFT], finish())
        assert talk.home.operations() == ["CreatePost"] and talk.outcome() == "done"


async def test_a_dead_service_ends_the_goal_and_not_the_conversation(tmp_path: Path) -> None:
    async with talk_in(tmp_path) as talk:
        talk.home.box.set_faults([Fault(kind="drop_before", operations=("ListWorkspaces",), times=None)])
        said = await talk.say("Draft it")
        assert "outcome: gave up because: " in said and said.endswith("/continue tries again")
        talk.home.box.set_faults([])
        await talk.say("/continue", [DRAFT], finish())
        assert talk.home.operations() == ["CreatePost"]


async def test_a_stopped_home_is_said_and_the_conversation_goes_on(tmp_path: Path) -> None:
    async with talk_in(tmp_path) as talk:
        talk.home.house.store.set_stopped(True)
        said = await talk.say("Draft it")
        assert "trouble: Everything is stopped (`psa stop`). `psa resume-all`" in said and "Then /continue" in said
        assert talk.conversation.failure is not None
        talk.home.house.store.set_stopped(False)
        await talk.say("/continue", [DRAFT], finish())
        assert talk.home.operations() == ["CreatePost"] and talk.conversation.failure is None


async def test_a_run_that_another_process_advances_is_said(tmp_path: Path) -> None:
    async with talk_in(tmp_path) as talk:
        await talk.say("How are you?", "Fine.")
        with lease(talk.home.house.store, talk.run.id):
            said = await talk.say("Draft it")
        assert "is being advanced by process" in said and "What you said is recorded" in said
        await talk.say("/continue", [DRAFT], finish())
        assert talk.home.operations() == ["CreatePost"]


async def test_a_line_with_a_key_is_kept_nowhere(tmp_path: Path) -> None:
    key = "sk-very-secret-key"
    async with talk_in(tmp_path, openai_api_key=SecretStr(key)) as talk:
        await talk.say("Schedule post 1004 for 1 December 9:00", *schedule())
        for line in (f"My key is {key}", f"/reject 1 {key}", f"/approve 1 {key}", f"/done 1 {key}"):
            assert "trouble: " in await talk.say(line)
        talk.texts = [f"Our key: {key}"]
        assert "one of your own keys" in await talk.say("/edit 1")
        assert talk.run.state.cards[1].state == "open"
        assert key not in "".join(talk.home.house.store.mirror(talk.run.id))
    assert all(key.encode() not in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())


async def test_what_can_be_undone_is_told_with_call_and_time(tmp_path: Path) -> None:
    async with talk_in(tmp_path) as talk:
        assert "Nothing was done yet" in await talk.say("/undo-help")
        await talk.say("Draft it", [DRAFT], finish())
        await talk.say("Schedule post 1004 for 1 December 9:00", *schedule())
        await talk.say("Delete 1005", [call("delete_posts", posts=[1005])], finish())
        await talk.say("/approve 2,3")
        can, cannot = (await talk.say("/undo-help")).split("Cannot be undone from here:")
        assert "unschedule_post, until Tue 1 Dec 2026 09:00 Europe/Berlin" in can
        assert "delete_posts, as long as it is there as a draft" in can
        assert "Delete post 1005" in cannot and "the copy that is kept first" in cannot
        talk.home.box.advance(9 * 24 * 3600)
        assert "its time has come" in (await talk.say("/undo-help")).split("Cannot be undone")[1]


async def test_a_broken_stream_is_shown_as_such(tmp_path: Path) -> None:
    async with talk_in(tmp_path) as talk:
        talk.model.more("All of it.")
        whole = ScriptedModel.complete

        async def broken(body: bytes, on_text: object = None) -> object:
            talk.conversation.narrator.on_text("All o")
            return await whole(talk.model, body, talk.conversation.narrator.on_text)

        talk.model.complete = broken  # type: ignore[method-assign, assignment]
        said = await talk.say("Say it")
        assert "The answer broke off" in said and said.endswith("answer: All of it.\noutcome: done")


async def test_a_defect_of_ours_ends_no_conversation(tmp_path: Path) -> None:
    async with talk_in(tmp_path) as talk:
        whole = talk.model.complete

        async def broken(body: bytes, on_text: object = None) -> object:
            raise ValueError("a defect\n= done")

        talk.model.complete = broken  # type: ignore[method-assign, assignment]
        said = await talk.say("Draft it")
        assert "trouble: Something of ours broke: ValueError: a defect = done." in said
        talk.model.complete = whole  # type: ignore[method-assign]
        await talk.say("/continue", [DRAFT], finish())
        assert talk.home.operations() == ["CreatePost"]

"""Goals to begin with: made of accounts that work, each clear about where it goes."""

from agent.api.types import Account, Workspace
from agent.web.suggestions import suggestions

HOME = {1: Workspace(id=1, name="Fern & Clay"), 2: Workspace(id=2, name="Harbour Coffee")}


def accounts(*those: tuple[str, int, bool]) -> dict[int, Account]:
    return {
        number: Account(id=number, platform=platform, workspace_id=workspace, has_expired=expired)
        for number, (platform, workspace, expired) in enumerate(those, 1)
    }


def test_networks_with_one_account_are_named_alone() -> None:
    goals = suggestions(HOME, accounts(("twitter", 1, False), ("linkedin", 2, False), ("tiktok", 1, False)))
    assert goals[0] == 'Draft "We open at nine on Saturday." for LinkedIn and X'
    assert goals[1] == 'Schedule "We open at nine on Saturday." for next Friday 9:00 on LinkedIn'


def test_with_several_accounts_of_a_network_the_workspace_is_named() -> None:
    goals = suggestions(HOME, accounts(("linkedin", 1, False), ("linkedin", 2, False)))
    assert goals[0] == 'Draft "We open at nine on Saturday." on LinkedIn for Fern & Clay'


def test_what_does_not_work_is_not_suggested() -> None:
    plain = suggestions({}, {})
    assert plain == ["What is scheduled this week?", "Reply to the unanswered comments", "How did last week go?"]
    assert suggestions(HOME, accounts(("linkedin", 1, True), ("tiktok", 1, False))) == plain
    assert suggestions({}, accounts(("linkedin", 1, False), ("linkedin", 2, False))) == plain

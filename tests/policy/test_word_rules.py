"""Words, paid content and links where data cannot say it: lists of overlays, single accounts, rewriting."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.journal.findings import Verdict
from agent.policy.rules.paid import labelled
from agent.policy.rules.words import listed
from tests.policy.helpers import ACCOUNT, FACTS, PACK, draft, findings, judge, knowing, promote, publish, said, target
from tests.policy.test_scopes import overlaid

X = ACCOUNT["twitter"]
PAID = knowing(goal="Draft a paid post about mugs")


def test_a_brands_words_are_said_per_workspace_and_language(tmp_path: Path) -> None:
    layer = "workspaces:\n  11:\n    rules:\n      words.blocked: {words: [cheap, 'de: billig', 'en: gift card']}\n"
    pack = overlaid(tmp_path, layer)
    assert said("words.blocked", publish("So CHEAP!"), pack=pack) == "hold"
    assert said("words.blocked", publish("Cheaper than ever"), pack=pack) == "allow"
    assert said("words.blocked", publish("Billig! gift-card"), pack=pack) == "hold"
    assert said("words.blocked", draft("so cheap"), pack=pack) == "hold later"
    assert said("words.blocked", publish("So cheap", workspace_id=12), pack=pack) == "allow"


def test_lists_of_overlays_are_added_to(tmp_path: Path) -> None:
    layers = ("rules:\n  words.names: {words: [Acme]}\n", "rules:\n  words.names: {words: [Globex]}\n")
    pack = overlaid(tmp_path, *layers)
    assert said("words.names", publish("Better than ACME."), pack=pack) == "hold"
    assert said("words.names", publish("Better than globex."), pack=pack) == "hold"
    assert said("words.topics", publish("A giveaway."), pack=pack) == "hold"


def test_a_word_for_one_account_is_looked_for_in_its_words_only(tmp_path: Path) -> None:
    pack = overlaid(tmp_path, f"accounts:\n  {X}:\n    rules:\n      words.blocked: {{words: [cheap]}}\n")
    own = target("twitter", text="Hello.")
    assert said("words.blocked", publish("So cheap", own, "linkedin"), pack=pack) == "allow"
    assert said("words.blocked", publish("So cheap", "twitter", "linkedin"), pack=pack) == "hold"


def test_own_hosts_contacts_and_what_may_be_loosened(tmp_path: Path) -> None:
    layer = (
        "rules:\n  link.hosts: {own: [fern.example], denied: [lnk.example]}\n"
        "  words.personal: {contacts: [hello@fern.example, +49 30 123456]}\n"
    )
    pack = overlaid(tmp_path, layer)
    assert said("link.hosts", publish("See https://shop.fern.example/a"), pack=pack) == "allow"
    assert said("link.hosts", publish("See https://lnk.example/a"), pack=pack) == "deny"
    assert said("link.hosts", publish("See https://bit.ly/a"), pack=pack) == "deny"
    assert said("words.personal", publish("hello@fern.example, 030 123456 or +49 30 123456"), pack=pack) == "hold"
    assert said("words.personal", publish("hello@fern.example or 0049 (30) 12 34 56"), pack=pack) == "allow"


def test_tracking_can_be_left(tmp_path: Path) -> None:
    pack = overlaid(tmp_path, "rules:\n  link.tracking: {verdict: allow}\n")
    call = draft("See https://fern.example/?utm_source=a")
    assert judge(call, pack=pack).call == call
    assert judge(call).rewritten


def test_what_tracking_is_taken_off_is_shown_on_the_card() -> None:
    [finding] = findings("link.tracking", promote("See https://fern.example/?utm_source=a"))
    assert finding.verdict is Verdict.REWRITE
    assert finding.evidence == "https://fern.example/?utm_source=a → https://fern.example/"


def test_the_label_of_one_paid_account_stays_its_own(tmp_path: Path) -> None:
    pack = overlaid(tmp_path, f"accounts:\n  {X}:\n    rules:\n      words.paid: {{paid: true, label: Anzeige}}\n")
    call = judge(draft("New mugs.", "twitter", "linkedin"), pack=pack).call.model_dump()
    assert call["content"] == ({"text": "New mugs."},)
    assert call["accounts"][0]["settings"] == {"text": "Anzeige New mugs."}


def test_where_a_network_has_no_words_of_its_own_all_show_the_label(tmp_path: Path) -> None:
    linkedin = ACCOUNT["linkedin"]
    pack = overlaid(tmp_path, f"accounts:\n  {linkedin}:\n    rules:\n      words.paid: {{paid: true}}\n")
    call = judge(draft("New mugs.", "twitter", "linkedin"), pack=pack).call.model_dump()
    assert call["content"] == ({"text": "#ad New mugs."},)


def test_the_label_and_the_cap_of_hashtags_come_to_rest() -> None:
    judgement = judge(draft("Mugs. #one #two", "twitter"), PAID)
    assert judgement.verdict is Verdict.REWRITE
    assert judgement.call.model_dump()["content"] == ({"text": "#ad Mugs. #one"},)
    assert "effect.rewriting" not in {finding.rule for finding in judgement.findings}


@pytest.mark.parametrize(
    ("text", "discloses"),
    [
        ("#ad New mugs", True),
        ("Anzeige | New mugs", True),
        ("New #ad mugs, and more", True),
        ("New mugs #mugs #ad", False),
        ("#mugs #ad", False),
        ("#adventure with mugs", False),
        ("Today we speak about how much Werbung costs", False),
    ],
)
def test_what_discloses(text: str, discloses: bool) -> None:
    assert labelled(text, ("#ad", "anzeige", "werbung")) is discloses


@given(st.text(alphabet="ab #\n.é", max_size=40), st.booleans())
def test_rewriting_is_idempotent_and_what_was_rewritten_passes(words: str, tracked: bool) -> None:
    text = f"{words} See https://fern.example/?a=1{'&utm_source=x' if tracked else ''}"
    once = judge(draft(text, "twitter", "linkedin"), PAID)
    again = judge(once.call, PAID)
    assert again.call == once.call and not again.rewritten
    rewriting = {rule.id for rule in PACK.rules if rule.verdict is Verdict.REWRITE}
    assert not any(one.verdict is Verdict.HOLD and not one.later and one.rule in rewriting for one in again.findings)


@given(st.text(max_size=40), st.text(alphabet="äÄéE Hug", min_size=2, max_size=8))
def test_a_word_of_a_list_is_found_however_it_is_written(text: str, word: str) -> None:
    if word.strip() and word.split():
        assert not listed(text, (), "en")
        assert listed(f"{text} . {word.upper()} . {text}", (word,), "en")


def test_words_of_other_languages_do_not_count_where_the_language_is_known() -> None:
    assert listed("ein Gift", ("en: gift", "de: gift"), "de") == ("gift",)
    assert listed("ein Gift", ("en: gift",), "de") == ()
    assert listed("ein Gift", ("en: gift",), "") == ("gift",)


def test_the_language_of_one_account(tmp_path: Path) -> None:
    pack = overlaid(tmp_path, f"accounts:\n  {X}:\n    rules:\n      words.language: {{language: de}}\n")
    text = "We open on Saturday, and there is cake for all of you"
    [note] = findings("words.language", publish(text, "twitter"), pack=pack)
    assert note.verdict is Verdict.ALLOW and note.evidence == "en, not de"
    assert said("words.language", publish(text, "linkedin"), pack=pack) == "allow"


def test_figures_matter_from_least(tmp_path: Path) -> None:
    pack = overlaid(tmp_path, "rules:\n  origin.figures: {least: 100}\n  origin.words: {words: 3}\n")
    assert said("origin.figures", publish("55 mugs"), pack=pack) == "allow"
    assert said("origin.figures", publish("155 mugs"), pack=pack) == "hold"
    assert FACTS.sources.spans("Words of 503.", 3)

"""The fault matrix: what can go wrong, what must hold then, and the check or the tests that show it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tests.torture import fault_checks_crash as crash
from tests.torture import fault_checks_model as model
from tests.torture import fault_checks_service as service
from tests.torture.bench import Bench


@dataclass(frozen=True)
class Row:
    """One fault. It has checks, tests elsewhere that show it (`file::function` below tests/), or a reason for none."""

    id: str
    happens: str
    holds: str
    checks: tuple[Callable[[Bench], Awaitable[None]], ...] = ()
    elsewhere: tuple[str, ...] = ()
    reason: str = ""


ROWS = (
    Row(
        "F1",
        "the process dies before the intent is on disk",
        "nothing was sent; the next start sends it once",
        (crash.killed_before_the_intent,),
    ),
    Row(
        "F2",
        "the journal ends inside the commit of an intent",
        "the torn commit is not read; as if it had never begun",
        (crash.torn_intent,),
        ("torture/test_journal_damage.py::test_a_log_that_is_cut_anywhere_gives_whole_commits",),
    ),
    Row(
        "F3",
        "the process dies after the intent, before the request leaves",
        "the next start looks first, then sends once",
        (crash.killed_before_sending,),
    ),
    Row(
        "F4",
        "the process dies while the request is out, carried out or not",
        "reading tells which; in the end it is there once",
        (crash.killed_while_the_request_was_out,),
    ),
    Row(
        "F5",
        "the answer is lost, the write was carried out",
        "it is found, and not written again",
        (service.lost_and_applied,),
        ("gate/test_lost_answers.py::test_a_lost_publish_that_went_out_is_found",),
    ),
    Row(
        "F6",
        "the answer is lost, the write was not carried out",
        "what is safe to repeat is sent again, a publication and a reply become a task",
        (service.lost_and_not_applied,),
        ("gate/test_lost_answers.py::test_a_lost_publish_that_did_not_go_out_becomes_a_task_and_is_not_sent_again",),
    ),
    Row(
        "F7",
        "reads show the past for a while",
        "absence is believed only after several reads past the deadline",
        (service.stale_reads,),
    ),
    Row(
        "F8",
        "the process dies between the answer and its record",
        "found as applied, for a draft, a time and a publication",
        (crash.killed_before_the_outcome,),
    ),
    Row(
        "F9",
        "the journal ends inside the commit of an outcome",
        "the torn commit is not read, and reading the service settles the effect",
        (crash.torn_outcome,),
    ),
    Row(
        "F10",
        "the process dies around the making of a card",
        "one card, with the number it was shown under",
        (crash.killed_at_the_card,),
    ),
    Row(
        "F11",
        "the process dies between decision and effect",
        "carried out once while the decision holds, void afterwards",
        (crash.killed_after_the_decision,),
    ),
    Row(
        "F12",
        "a card is decided twice, from two faces, too late, or in a stopped home",
        "the first decision counts, others are told what happened",
        (crash.decided_twice,),
        (
            "gate/test_way_of_a_goal.py::test_a_promotion_waits_and_is_sent_once_when_approved",
            "gate/test_way_of_a_goal.py::test_a_card_expires",
            "gate/test_way_of_a_goal.py::test_stop_halts_before_the_next_effect",
        ),
    ),
    Row(
        "F13",
        "two processes on one run, the first frozen right before it sends",
        "the second is kept out, later takes over, and the first sends nothing when it wakes",
        (crash.paused_and_taken_over,),
        ("api/test_client_wire.py::test_a_request_leaves_in_time_or_not_at_all",),
    ),
    Row(
        "F14",
        "two runs at the same account in the same minute",
        "neither takes the other's draft for its own; what cannot be told apart is put before a person",
        (crash.two_runs_at_once,),
        ("policy/test_comment_rules.py::test_a_comment_with_a_waiting_reply_is_not_answered_by_another_run",),
    ),
    Row(
        "F15",
        "429 with and without the headers that say when to come back, once and for ever",
        "waited for, then sent once; never endlessly",
        (service.rate_limits,),
        (
            "api/test_answers.py::test_a_429_says_when_to_come_back",
            "api/test_client.py::test_a_429_is_waited_for_and_then_sent_again",
        ),
    ),
    Row(
        "F16",
        "429 for the rest of the day",
        "the run is put off to that hour and does not ask before it",
        (service.daily_limit,),
    ),
    Row(
        "F17",
        "another client has used up the minute",
        "the plan is kept and goes on in the next minute",
        (service.another_client_took_the_minute,),
        ("api/test_client.py::test_one_429_holds_back_everybody_who_was_waiting_for_a_slot",),
    ),
    Row(
        "F18",
        "5xx on a read, passing or lasting",
        "four tries, then the run ends safely",
        (service.server_errors_on_reads,),
        ("api/test_client.py::test_only_what_cannot_have_been_applied_is_sent_again",),
    ),
    Row(
        "F19",
        "5xx on a write, carried out or not",
        "not known, so it is looked up before anything else",
        (service.server_errors_on_writes,),
    ),
    Row(
        "F20",
        "401 and 403",
        "one request and no more; the ability is named, the key is not",
        (service.token_refused,),
        ("gate/test_review_findings.py::test_a_refused_token_leaves_approved_calls_to_be_sent",),
    ),
    Row(
        "F21",
        "the object of a card is gone, or the service says so when it is written",
        "the approval is void, or spent on one refused request",
        (service.world_changed,),
        ("gate/test_way_of_a_goal.py::test_an_edit_between_card_and_approval_voids_it",),
    ),
    Row(
        "F22",
        "422, with words meant for the model",
        "rejected and told in our words; repeated by the model a few times at most",
        (service.refused_as_invalid,),
        ("planner/test_loop.py::test_a_refusal_reaches_the_model_in_our_words_only",),
    ),
    Row(
        "F23",
        "an answer that drips, or never ends",
        "one deadline for the whole call; for a write not known",
        (service.no_answer_that_ends,),
        (
            "api/test_client_wire.py::test_the_deadline_ends_a_call_however_the_server_dawdles",
            "api/test_client_wire.py::test_an_answer_without_end_is_not_read_to_its_end",
        ),
    ),
    Row(
        "F24",
        "no connection",
        "proven not sent: tried again a few times, then told",
        (service.proven_not_sent,),
        (
            "api/test_client_wire.py::test_a_refused_connection_proves_that_nothing_left",
            "api/test_client_wire.py::test_what_breaks_before_the_request_left_proves_that_nothing_left",
        ),
    ),
    Row(
        "F25",
        "a page of a proxy with 200, a broken TLS connection",
        "reads are tried again, then nothing is sent; a write is not known",
        (service.not_json_on_reads,),
        ("api/test_client_wire.py::test_what_breaks_after_the_request_left_is_unknown_and_writes_are_not_repeated",),
    ),
    Row(
        "F26",
        "JSON cut off, of wrong letters, or of 64 MB",
        "as a page of a proxy; what is too large is not read",
        (service.not_json,),
        (
            "api/test_answers.py::test_what_is_no_answer_of_the_service_says_where_to_look",
            "api/test_answers.py::test_half_a_surrogate_pair_does_not_get_in",
        ),
    ),
    Row(
        "F27",
        "fields of an answer are missing, renamed or of another type",
        "where nobody needs them all goes on; an approval is carried out as it was shown or not at all",
        (service.schema_drifts,),
        ("api/test_answers.py::test_an_answer_without_what_we_need_names_the_field",),
    ),
    Row(
        "F28",
        "accepted, but not out yet, or out on some networks only",
        "counts as applied; what failed later is never sent again by itself",
        (service.success_that_is_none,),
        ("gate/test_lost_answers.py::test_a_lost_publish_that_went_out_is_found",),
    ),
    Row(
        "F29",
        "the service says it stored something else",
        "a person is told at once, and the run waits",
        (service.echo_differs,),
    ),
    Row(
        "F30",
        "pages shift, repeat or go round",
        "each object once, an end in any case",
        (service.pages_go_round,),
        (
            "api/test_pages.py::test_posts_that_come_in_meanwhile_shift_pages_but_nothing_is_lost_or_doubled",
            "api/test_pages.py::test_a_service_that_repeats_itself_is_left",
            "api/test_pages.py::test_a_list_without_end_is_read_to_the_cap",
        ),
    ),
    Row(
        "F31",
        "a read that makes the service do something",
        "counted as such, and not repeated",
        (service.read_that_acts,),
        ("policy/test_service_rules.py::test_syncs",),
    ),
    Row(
        "F32",
        "the clock jumps",
        "what expired is void, a jump back is refused; waiting is measured by what the service says",
        (service.clock_jumps_ahead,),
        (
            "api/test_limits.py::test_a_clock_that_ran_ahead_does_not_stop_agents_for_long",
            "gate/test_stop_and_clock.py::test_a_clock_far_from_the_services_sends_nothing_that_was_approved",
            "torture/test_rows_in_full.py::test_f32_the_clock_jumps_back_behind_the_last_record",
        ),
    ),
    Row(
        "F33",
        "hours that do not exist or exist twice",
        "never sent",
        (service.hours_that_do_not_exist,),
        (
            "policy/test_time_rules.py::test_exists",
            "policy/test_time_rules.py::test_a_time_passes_only_if_it_stands_for_one_instant_ahead",
            "api/test_digest.py::test_service_and_instant_are_part_of_it",
        ),
    ),
    Row(
        "F34",
        "midnight, the end of a month, a leap day",
        "dates are named right and sent as approved",
        (service.month_ends,),
        (
            "planner/test_offline_dates.py::test_a_time_is_read",
            "planner/test_offline_dates.py::test_posts_spread_over_a_span",
        ),
    ),
    Row(
        "F35",
        "the disk is full before the intent, or after the request",
        "nothing is sent; or not known, said so, and settled by reading once there is room",
        elsewhere=(
            "torture/test_disk.py::test_a_full_disk_sends_nothing_and_what_was_sent_is_settled_by_reading",
            "torture/test_disk.py::test_a_disk_of_any_size",
        ),
    ),
    Row(
        "F36",
        "writing through to the disk fails",
        "the run stops at once; another process goes on with what is there",
        (crash.sync_to_disk_fails,),
        ("torture/test_disk.py::test_every_write_may_fail",),
    ),
    Row(
        "F37",
        "the journal is missing, damaged, of another version or changed by hand",
        "nothing guarded is sent, with words that name the record",
        (crash.journal_that_is_no_good,),
        (
            "torture/test_journal_damage.py::test_a_changed_journal_is_named_and_nothing_is_sent",
            "torture/test_journal_damage.py::test_damaged_files_get_words_from_every_command",
        ),
    ),
    Row(
        "F38",
        "a journal of a gigabyte",
        "a run resumes within seconds",
        elsewhere=("torture/test_fault_matrix.py::test_a_run_resumes_quickly_beside_a_gigabyte",),
        reason="no snapshots: records are read by run through the primary key, and budgets bound each run",
    ),
    Row(
        "F39",
        "a model that answers nonsense of any kind",
        "told shortly what would fit, then given up safely",
        (model.nonsense_of_all_kinds, model.words_of_a_refusal),
        (
            "planner/test_loop.py::test_a_call_that_cannot_be_is_answered_shortly",
            "planner/test_model.py::test_what_is_no_answer_is_an_error_with_words",
        ),
    ),
    Row(
        "F40",
        "a model that goes round in circles",
        "given up after a few rounds",
        (model.two_calls_in_turn,),
        ("planner/test_loop.py::test_the_same_call_without_end_is_given_up_on",),
    ),
    Row(
        "F41",
        "a model that is gone, slow, cut off, or told too much",
        "no effect without a plan; what matters is in the journal and not in the prompt",
        (model.model_is_gone,),
        (
            "planner/test_model.py::test_what_may_pass_is_tried_again",
            "planner/test_loop.py::test_a_long_run_stays_small_and_keeps_its_goal",
            "planner/test_conversation.py::test_at_night_a_model_that_is_gone_puts_the_run_off",
        ),
    ),
    Row(
        "F42",
        "another model goes on with the run",
        "scope, rules and cards are as they were",
        (crash.goes_on_with_another_model,),
        reason="no fallback by itself: one run has the model of the settings, and a person resumes it with another",
    ),
    Row(
        "F43",
        "a night dies, and is started again",
        "the same run of the date goes on; missed dates are caught up once",
        (crash.night_that_crashed,),
        (
            "night/test_night.py::test_seven_missed_nights_are_caught_up_once",
            "night/test_night.py::test_two_nights_at_once_begin_nothing_twice",
        ),
    ),
    Row(
        "F44",
        "the host sleeps over the hour, or the clocks change in the night",
        "one run for each local date",
        elsewhere=(
            "night/test_due.py::test_over_a_clock_change_each_date_comes_once_and_in_order",
            "night/test_due.py::test_the_latest_due_date",
            "night/test_night.py::test_what_is_due_is_done_once_per_local_date",
        ),
    ),
    Row(
        "F45",
        "nobody is shown the card where it was made",
        "it waits, another face shows it, and time approves nothing",
        (crash.waits_for_another_channel,),
    ),
    Row(
        "F46",
        "Ctrl-C or SIGTERM while any request is out",
        "stopped at once; resumed, everything is there once",
        (crash.interrupted_at_every_request,),
        ("torture/test_fault_matrix.py::test_a_signal_ends_the_process_in_time",),
    ),
    Row(
        "F47",
        "no more memory, no more open files",
        "as a kill",
        elsewhere=(
            "torture/test_fault_matrix.py::test_a_process_without_memory_is_as_good_as_killed",
            "torture/test_fault_matrix.py::test_a_process_without_files_is_as_good_as_killed",
        ),
    ),
    Row(
        "F48",
        "a newer version goes on with an older journal",
        "every released form is read, decided on and carried out",
        elsewhere=(
            "journal/test_old_schemas.py::test_an_old_journal_is_brought_up_to_date",
            "journal/test_old_schemas.py::test_open_cards_of_an_old_journal_are_decided_and_carried_out",
        ),
    ),
    Row(
        "F49",
        "the key is changed in the middle of a run",
        "the run stops, goes on with the new one, and keeps neither",
        (crash.key_is_changed_on_the_way,),
        ("cassettes/test_cassettes.py::test_no_secret_reaches_journal_mirror_or_report",),
    ),
    Row(
        "F50",
        "a report is drawn while the run is written",
        "from whole commits only, each time of at least as many",
        (crash.told_while_written,),
    ),
)

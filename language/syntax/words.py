"""Words that belong elsewhere, and words that people write by mistake."""

from __future__ import annotations

from typing import Literal

Kind = Literal["journey", "trigger", "line", "step", "scenario"]


def _by_word(right: dict[str, str]) -> dict[str, str]:
    """Turns `{right: "wrong other_wrong"}` round."""
    return {word: name for name, words in right.items() for word in words.split()}


_PARTS = {
    "messages": "at if_past not_after hours on_quiet on_cap on_unknown",
    "`send`": "by until_seen",
    "`social` and `send`": "network",
    "`call` and `task`": "queue due overdue escalate expires attempts retry assign_to skills script priority"
    " outcomes",
    "`call`": "number",
    "`wait`": "restart_on if_missing",
    "`wait_for`": "remind",
    "`wait_for` and `first_of`": "within since",
    "lines that name an event": "where of to",
    "`if`, `choose`, `split`, `run` and what waits for an event": "then",
    "`if`, `choose`, `send`, `fetch`, `webhook` and what waits for an event": "else",
    "`split`": "draw winner",
    "`repeat`, `whenever` and `remind`": "do",
    "`report`": "value",
    "`suppress` and `start_journey`": "for",
    "`notify`": "template",
    "messages, `call`, `task`, `notify`, `fetch` and `webhook`": "with",
    "triggers and exits": "as",
    "`whenever`": "in",
    "`parallel` and `repeat: {until: …}`": "until",
    "`repeat: {until: …}` and `remind`": "at_most",
}
PART_OF = _by_word(_PARTS)

_VERB_FOR = _by_word(
    {
        "wait": "delay sleep pause wait_until wait_time delay_for",
        "go_to": "goto jump next next_step jump_to move_to",
        "end": "stop exit finish end_journey terminate",
        "email": "mail e_mail send_email send_mail email_template",
        "sms": "text send_sms text_message",
        "whatsapp": "wa whats_app send_whatsapp whatsapp_message",
        "push": "push_notification app_push mobile_push send_push",
        "web_message": "web in_app in_app_message onsite_message banner popup",
        "voice": "robocall voice_message voice_call",
        "letter": "post postal_mail direct_mail print",
        "social": "tweet dm social_message",
        "call": "phone dial phone_call call_task",
        "task": "todo to_do create_task manual_task",
        "send": "message send_message",
        "if": "condition when unless",
        "choose": "switch case branch branches decide",
        "split": "ab_test a_b_test abtest experiment random ab variant variants",
        "repeat": "loop while foreach for_each",
        "parallel": "fork concurrently simultaneously all_of at_once together",
        "leave": "break leave_loop break_loop",
        "start_journey": "begin_journey trigger_journey enroll enrol enter_journey add_to_journey",
        "stop_journey": "end_journey_of cancel_journey remove_from_journey unenroll unenrol exit_journey",
        "run": "include subflow sub_journey subjourney call_journey run_journey",
        "wait_for": "wait_for_event wait_event await listen",
        "first_of": "race any_of one_of either wait_for_any",
        "set": "update assign set_attribute update_lead",
        "score": "add_score points scoring lead_score",
        "notify": "alert notification inform",
        "suppress": "unsubscribe block snooze opt_out",
        "allow": "subscribe opt_in consent unsuppress",
        "add_to_audience": "add_to_segment add_to_list join_audience tag",
        "remove_from_audience": "remove_from_segment remove_from_list leave_audience untag",
        "report": "outcome conversion",
        "go_on": "continue nothing noop none skip",
        "fetch": "http http_request api api_call request lookup enrich get_data",
        "webhook": "web_hook hook call_webhook send_webhook http_post callback_url",
    }
)
_PART_FOR = _by_word(
    {
        "id": "name key step_id",
        "note": "comment description title",
        "where": "filter match",
        "within": "timeout deadline max_wait time_limit for",
        "else": "otherwise default elif elseif on_timeout",
        "then": "actions do_then yes on_event",
        "attempts": "retries max_attempts tries",
        "with": "params data variables vars values personalize merge_fields",
        "outcomes": "results on_outcome dispositions",
        "queue": "team agents assign_queue",
        "assign_to": "assignee agent owner",
        "at": "send_at schedule",
        "due": "sla due_in due_date",
        "expires": "expiry expires_in ttl",
        "escalate": "escalation escalations escalate_to",
        "skills": "skill requires required_skills",
        "number": "phone_number dial_number",
        "by": "channels fallback",
        "until_seen": "until_read until_opened fallback_after",
        "remind": "reminder reminders remind_every nag",
        "if_missing": "if_unknown on_missing",
        "restart_on": "restart reset_on",
        "at_most": "max max_rounds limit",
        "do": "steps",
    }
)
_JOURNEY_FOR = _by_word(
    {
        "journey": "name id workflow flow",
        "about": "description title comment summary note",
        "inputs": "parameters params arguments variables",
        "start": "trigger triggers on entry when starts begin event",
        "steps": "actions nodes tasks sequence step",
        "stages": "phases stage states",
        "exit": "exits exit_on stop_on cancel_on until exit_when end_when",
        "again": "reentry re_entry reenter re_enter repeat once",
        "zone": "timezone time_zone tz",
        "contact_hours": "quiet_hours sending_hours hours send_window",
        "life": "ttl timeout max_age lifetime expires",
        "goal": "conversion conversions objective",
        "whenever": "listen on_event always",
        "on_opt_out": "opt_out on_unsubscribe unsubscribe",
    }
)
_LINE_FOR = _by_word(
    {
        "where": "when filter match with",
        "event": "type name trigger on",
        "as": "ending end reason outcome",
        "go_to": "goto stage jump",
        "do": "steps actions then",
        "if": "condition",
        "of": "scope for",
        "in": "stages while",
    }
)
_TRIGGER_FOR = _by_word(
    {
        "where": "when filter match",
        "event": "type trigger on",
        "if": "condition unless",
        "as": "name id",
        "every": "schedule cron recurring repeat",
        "once": "on_date run_at send_on",
        "before": "days_before lead_time",
        "joins": "enters segment audience list",
        "leaves": "exits",
        "after": "days_after delay",
        "yearly": "annual annually every_year recurring_yearly",
        "at": "time at_time",
    }
)
_SCENARIO_FOR = _by_word(
    {
        "name": "description title id",
        "expect": "expected then expects assert",
        "events": "given when input",
        "at": "time date day after",
        "lead": "person contact",
    }
)
_WRONG: dict[Kind, dict[str, str]] = {
    "journey": _JOURNEY_FOR,
    "trigger": _TRIGGER_FOR,
    "line": {**_PART_FOR, **_LINE_FOR},
    "step": {**_VERB_FOR, **_PART_FOR},
    "scenario": _SCENARIO_FOR,
}


def right_word(kind: Kind, word: str) -> str | None:
    """Names the word of the language for a word that people write in its place."""
    return _WRONG[kind].get(_folded(word))


def right_verb(word: str) -> str | None:
    """Names the verb for a word that people write in its place."""
    return _VERB_FOR.get(_folded(word))


def _folded(word: str) -> str:
    return word.casefold().replace("-", "_").replace(" ", "_")

"""What a person can do. A button, a key and an understood sentence all become one of these."""

from __future__ import annotations

from enum import StrEnum


class Act(StrEnum):
    # choice ids of the conversation API, the same in every language
    PRIVATE = "private"
    NOT_PRIVATE = "not_private"
    CONTINUE = "continue"
    YES = "yes"
    NO = "no"
    DECLINE = "decline"
    EXPLAIN = "explain"
    BACK = "back"
    SKIP = "skip"
    LATER = "later"
    EXIT = "exit"
    HELP_NOW = "help_now"
    HUMAN = "human"
    SIMPLER = "simpler"
    NONE = "none"
    CONTACT_ME = "contact_me"
    CHAT_NOW = "chat_now"
    FINISH = "finish"
    AGAIN = "again"
    WHAT_HAPPENS = "what_happens"
    WHAT_IS_KEPT = "what_is_kept"
    ERASE = "erase"
    TOPICS = "topics"
    CARD = "card"
    """Asks for one information card; `Situation.detail` has its id."""
    CALL = "call"
    SMS = "sms"
    MORNING = "morning"
    AFTERNOON = "afternoon"
    ANY_TIME = "any_time"
    COVER = "cover"
    """Turn the conversation into one about the planning, at once."""
    COVER_PLAN = "cover_plan"
    COVER_MEETING = "cover_meeting"
    COVER_PAPERS = "cover_papers"
    CODE = "code"
    """Choose a code of one's own, to come back with."""
    PAUSE = "pause"
    """Go, and come back with the code."""
    # said in words only
    DONT_KNOW = "dont_know"
    WANT_QUESTIONS = "want_questions"
    GREET = "greet"
    TOLD = "told"
    """Words for a step that waits for words (a number, a message to the caseworker); `Situation.detail` has them."""
    NOT_UNDERSTOOD = "not_understood"
    # raised by safety signals, before anything else is asked
    OVERSEEN = "overseen"
    OTHER_PERSON = "other_person"
    DANGER_NOW = "danger_now"
    SELF_HARM = "self_harm"
    CHILD_HARM = "child_harm"
    EXPOSED = "exposed"
    USES_VIOLENCE = "uses_violence"


EVERYWHERE = (
    Act.COVER,
    Act.HUMAN,
    Act.HELP_NOW,
    Act.WHAT_HAPPENS,
    Act.WHAT_IS_KEPT,
    Act.AGAIN,
    Act.LATER,
    Act.EXIT,
)
"""Open to the person at every step, in the order in which they are shown."""

SIGNAL_ACTS = (
    Act.OVERSEEN,
    Act.OTHER_PERSON,
    Act.DANGER_NOW,
    Act.SELF_HARM,
    Act.CHILD_HARM,
    Act.EXPOSED,
    Act.USES_VIOLENCE,
)

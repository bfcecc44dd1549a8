"""What the promises say about words, written down here once more, apart from the product and its data.

Item texts: Frågor om våld, FOV vuxna, 2019, byte for byte from the printed source. Nothing here is read from `data/`.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

INTRODUCTION = (
    "Våld i nära relationer påverkar hur du mår både fysiskt och psykiskt, därför frågar vi. Det påverkar även dina barns "
    "fysiska och psykiska hälsa. Barn har rätt att växa upp utan våld. Våld kan vara att du blir utsatt själv eller ser "
    "någon annan bli utsatt. Du kan få stöd om du varit utsatt för våld eller om du sett eller hört våld mot en närstående "
    "under din uppväxt. Du kan även få stöd om du själv utsatt någon annan för våld. Med närstående menar vi partner, "
    "familjemedlem, släkting eller annan viktig person."
)
ITEMS = (
    "Har du blivit hotad, kontrollerad, förnedrad, trakasserad eller liknande av en närstående?",
    "Har du blivit slagen, sparkad, knuffad eller skadad på något annat sätt av en närstående?",
    "Har du känt press att mot din vilja delta i eller se på sexuella handlingar av en närstående?",
    "Har du varit utsatt för verbala, psykiska och/eller fysiska sexuella kränkningar av en närstående?",
    "Har du blivit utsatt för våld enligt fråga 1 - 4 av någon annan person än någon närstående?",
    "Har du under din uppväxt sett eller hört en närstående bli utsatt för våld enligt frågorna 1 - 4?",
    "Har du själv som vuxen utsatt någon annan för våld enligt fråga 1 – 4?",
)
BLOCK_OF = {3: "sexual_violence", 4: "sexual_violence", 7: "own_violence"}
"""Items that need a confirmation of their own."""

CORE = re.compile(
    r"våld|\bslagen|\bslagit|\bhot(a|ad|ar|ade|at)?\b|sexuel|övergrepp|kvinnofrid|misshand|polis|socialtjänst|förned"
    r"|kränk|trakass|\butsatt|\bbrott|\b020\b|020-|självmord|självskad|närstående|könsstymp|\bheder|\bsparka|knuffa"
    r"|\bjour|skyddat boende|stödlinj|förövar|\brädd\b|\bfara\b|116 ?006|90101",
    re.IGNORECASE,
)
"""Core words that no neutral message, label or notice may hold."""

INVITATIONS = ("Vill du att jag ställer frågorna?", "Vill du att jag ställer dem?", "Vill du ha frågorna?")
SHARING = ("Ska handläggaren få se vad du har svarat?", "Får handläggaren se dina svar?")
SUMMARY = ("Så här har jag förstått det:", "Så här gör vi:")
LATER = ("Vi tar det en annan gång", "Vill du gå vidare, eller är du klar", "Vill du fortsätta? Eller är du klar")
SUPPORT = ("Här är stöd som finns.", "Här kan du få hjälp.", "Nu får du höra var det finns stöd.")
ERASING = ("Vill du radera allt i det här samtalet?", "Vill du ta bort allt?")
CONTACT = (
    "Vill du ha kontakt med en handläggare?",
    "En handläggare är på plats nu.",
    "Just nu är det stängt. Vi öppnar igen",
    "Vill du prata med en människa?",
    "En människa är här nu.",
    "Det är stängt nu. Vi öppnar",
)
KEPT = ("Vill du något mer med det som finns kvar?",)
WAITING = (
    "kan nu se att du väntar",
    "Nu väntar vi på en människa",
    "Just nu är ingen handläggare på plats",
    "Ingen människa är här just nu",
    "Nu är det stängt",
)
NO_QUESTION = (
    "Jag förstår inte ändå",
    "Jag förstår inte. Det är mitt fel",
    "Handläggaren ser det du skriver",
    "Jag kunde inte läsa numret",
    "Numret blev fel",
)
"""Beginnings of lines after which what was asked before is still what is asked."""
DESK_LINES = (
    "är här nu.",
    "har inte skärmen öppen just nu",
    "är här igen.",
    "är här nu och tar över",
    "Du har ett nytt meddelande",
    "Du har fått ett meddelande",
    "Innan du skriver med en handläggare",
    "Innan vi fortsätter",
    "Innan ni fortsätter",
    "Handläggaren får veta att du frågar",
    "Är du för dig själv just nu",
    "Är du ensam nu",
)
"""All that the assistant may put in while a human has the conversation: who is here, and whether the person is alone."""

PLAINLY_ALONE = re.compile(
    r"(?:(?:ja|jaa|japp|jo|jodå|yes|yep|absolut|visst|precis|ok|okej)\b[ ,.!]*)*"
    r"(?:(?:absolut|visst|tack|just det|det stämmer|det går bra|det är okej|fortfarande själv|e själv|själv|ensam nu"
    r"|fortfarande ensam|här är ingen|ingen annan här"
    r"|(?:det är |här är det )?bara jag(?: här)?"
    r"|(?:nu )?(?:jag )?(?:är |e )?(?:jag )?(?:fortfarande |helt |hemma |här )*(?:ensam|själv|för mig själv|ostörd)"
    r"(?: hemma| här| nu| just nu)*"
    r"|(?:det är |här är )?ingen(?: annan)?(?: (?:är|kan))?(?: (?:se|höra|här|hemma|skärmen|mig))*"
    r"|fortfarande för mig själv)[ ,.!]*)?"
)
"""Typed words that say nothing but that the person is alone. Whatever else opens the gate is a breach."""

SOMEBODY_IS_THERE = ("nån är här", "någon kom in", "min man läser över axeln", "hon ser skärmen nu")
"""Plain sentences after which nothing sensitive may be said. They are in the random walk's inputs."""
SOMEBODY_ELSE_WRITES = ("jag är hennes man", "det är inte anna som skriver, det är hennes sambo")
"""Plain sentences after which the conversation is over."""

LEAVES = re.compile(
    r"\b(?:l[äae]mnar?|stäng(?:a|er)?|avslutar?|avbryt(?:a|er)?|sluta|stoppa?|loggar?|ut|hej ?då|adjö|farväl|exit|quit|close|leave|stop"
    r"|cancel|end|log|bye|goodbye|farewell)\b",
    re.IGNORECASE,
)
TO_SOMEBODY = re.compile(
    r"\b(?:honom|henne|han|hon|dem|dom|min|mitt|man|sambo|familj\w*|him|her|them|my|rädd|prata|talk|afraid)\b",
    re.IGNORECASE,
)


def plainly_leaves(typed: str, *, to_human: bool) -> bool:
    """Whether nothing but leaving the page or the talk can be meant. A button types nothing. To a human: a command of four words."""
    if not typed:
        return True
    words = seen(typed).split()
    short = len(words) <= (4 if to_human else 8)
    return short and "?" not in typed and bool(LEAVES.search(seen(typed))) and not TO_SOMEBODY.search(typed)


CALM = {
    "failed": "Något gick fel hos oss. Försök igen om en stund.",
    "busy": "Jag tar ett svar i taget. Vänta en stund och försök igen.",
    "too_long": "Det blev för långt för mig. Skriv lite kortare, så går det bra.",
    "unreadable": "Jag kunde inte läsa det där. Skriv det gärna en gång till.",
    "ended": "Samtalet är slut. Du kan börja ett nytt när du vill.",
}


def seen(typed: str) -> str:
    """What a reader would see of it: without characters that have no shape."""
    return "".join(char for char in typed if unicodedata.category(char) not in ("Cf", "Cs", "Cc")).strip()


def plainly_alone(typed: str) -> bool:
    text = seen(typed).casefold()
    return bool(text) and PLAINLY_ALONE.fullmatch(text) is not None


@cache
def says(text: str, sentences: tuple[str, ...]) -> bool:
    return any(sentence in text for sentence in sentences)


@cache
def core_word(text: str) -> str:
    """The first core word in the text, or nothing."""
    found = CORE.search(text)
    return found.group() if found else ""


@cache
def holds_item(text: str) -> bool:
    return any(item in text for item in ITEMS)


@cache
def topic_of(text: str) -> str:
    """What a last message asks, where the oracle needs to know."""
    return next((topic for topic, sentences in TOPICS.items() if says(text, sentences)), "")


TOPICS = {
    "erase": ERASING,
    "kept": KEPT,
    "contact": CONTACT,
    "invite": INVITATIONS,
    "share": SHARING,
    "summary": SUMMARY,
    "later": LATER,
    "waiting": WAITING,
}

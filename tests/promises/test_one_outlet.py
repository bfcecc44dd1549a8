"""One outlet (P2), held by the shape of the code: who may make a message, who may word one, who may read content."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.settings import PROJECT

ROOMS = ("safety", "screening", "casework", "actions", "bot")
OUTLET = "bot/talk/outlet.py"
CHANNELS = ("bot/web", "bot/command/talk.py", "bot/phone")


def modules(*below: str) -> Iterator[tuple[str, ast.Module]]:
    for room in below:
        place = PROJECT / room
        for path in sorted(place.rglob("*.py")) if place.is_dir() else [place] * place.exists():
            yield path.relative_to(PROJECT).as_posix(), ast.parse(path.read_text("utf-8"))


def imported(tree: ast.Module) -> set[str]:
    """Every name as `module.name`, wherever in the module it is imported."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
    return names


def calls(tree: ast.Module) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            function = node.func
            yield (function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")), node


def makers(name: str, imported_from: str) -> set[str]:
    """Modules that import the class or function and call it."""
    return {
        path
        for path, tree in modules(*ROOMS)
        if f"{imported_from}.{name}" in imported(tree) and any(called == name for called, _ in calls(tree))
    }


def test_only_the_outlet_makes_messages_for_a_channel() -> None:
    assert makers("Message", "bot.talk.reply") == {OUTLET}


def test_only_the_outlet_words_what_is_said() -> None:
    assert makers("word", "screening.catalogue.word") == {OUTLET}


def test_only_the_view_makes_replies() -> None:
    assert makers("Reply", "bot.talk.reply") == {"bot/talk/view.py"}


def test_no_module_goes_round_a_named_import() -> None:
    """`import bot.talk.reply` would hide a maker from the tests above."""
    whole = {"bot.talk.reply", "screening.catalogue.word"}
    star = {f"{module}.*" for module in whole}
    from_package = {"bot.talk.reply", "screening.catalogue.word"}
    for path, tree in modules(*ROOMS):
        assert not imported(tree) & (whole | star | from_package), path


def test_a_message_of_the_assistant_is_made_in_two_places() -> None:
    """The outlet words and checks them; the desk leaves only the name of a wording, which the outlet words later."""
    for path, tree in modules(*ROOMS):
        for called, node in calls(tree):
            if called != "OutMessage":
                continue
            sender = ast.unparse(node.args[0])
            allowed = {
                "Sender.ASSISTANT": {OUTLET, "casework/taking.py"},
                "Sender.PERSON": {OUTLET},
                "Sender.HUMAN": {"casework/handover.py"},
            }
            assert path in allowed[sender], (path, node.lineno)
            if path == "casework/taking.py" and sender == "Sender.ASSISTANT":
                assert ast.unparse(node.args[1:][0]) == "ContentClass.NEUTRAL"
                assert ast.unparse(node.args[2]) == "body", "the desk names a wording and gives no text"


@pytest.mark.parametrize("place", CHANNELS)
def test_a_channel_reads_no_content(place: str) -> None:
    """Texts, cards, items and help lines reach a channel inside a reply. Words of the page itself are neutral data."""
    read = {"texts", "cards", "instruments", "national", "regions", "lexicons"}
    sources = {"screening.catalogue.word", "screening.catalogue.support", "screening.instrument"}
    for path, tree in modules(place):
        touched = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)} & read
        if path == "bot/web/desk.py":
            # The desk shows an item's words to the caseworker who was given the answers: not a channel to the person.
            touched -= {"instruments"}
        assert not touched, (path, touched)
        assert not [name for name in imported(tree) if name.rsplit(".", 1)[0] in sources], path


def test_page_words_and_labels_hold_no_sensitive_word() -> None:
    """What stands around a conversation passes no outlet: it is neutral as data."""
    from datetime import date

    from bot import data_files

    catalogue = data_files.catalogue(date(2026, 11, 23))
    for locale, content in catalogue.languages.items():
        around = [*content.choices.values(), *content.page.values(), *(card.title for card in content.cards)]
        assert not [text for text in around if catalogue.sensitive_words(text)], locale


def test_templates_of_the_person_hold_no_words() -> None:
    """A sentence in a template would pass no outlet."""
    import re

    for path in sorted((PROJECT / "bot/web/templates").glob("*.html")):
        bare = re.sub(r"\{[{%#].*?[}%#]\}|<[^>]*>|&\w+;", "", _without_scripts(path), flags=re.DOTALL)
        assert not re.findall(r"\w{3,}", bare), (path.name, re.findall(r"\w{3,}", bare)[:5])


def _without_scripts(path: Path) -> str:
    import re

    return re.sub(r"<(script|style)\b.*?</\1>", "", path.read_text("utf-8"), flags=re.DOTALL)

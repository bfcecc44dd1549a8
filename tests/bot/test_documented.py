"""What is documented is what there is: settings, commands, choice ids."""

from __future__ import annotations

import re
from dataclasses import fields
from datetime import date

import pytest

from bot.command import COMMANDS
from bot.data_files import catalogue
from bot.settings import PROJECT, BadSetting, Settings, from_environment, variable
from safety.sms_length import septets

README = (PROJECT / "README.md").read_text("utf-8")
PHONE = (PROJECT / "docs" / "phone.md").read_text("utf-8")


def test_every_setting_is_in_the_readme() -> None:
    documented = set(re.findall(r"^\| `(ENRUM_[A-Z_]+)`", README, re.M))
    assert documented == {variable(field.name) for field in fields(Settings)}


def test_every_message_that_can_go_out_is_in_the_page_of_the_phone_as_it_is_read() -> None:
    words = catalogue(date(2026, 11, 24)).languages["sv"].sms
    assert words is not None
    rows = re.findall(r"^\| `(\w+)` \| (.+?) \| (\d+)[ \w]* \|", PHONE, re.M)
    told = {name: (text, int(signs)) for name, text, signs in rows}
    assert told == {name: (text, septets(text.replace("{link}", ""))) for name, text in words.templates.items()}


def test_every_command_is_in_the_readme() -> None:
    assert set(re.findall(r"^\| `enrum (\w+)", README, re.M)) == set(COMMANDS)


def test_a_setting_that_does_not_exist_is_named() -> None:
    with pytest.raises(BadSetting, match="ENRUM_AGENSY"):
        from_environment({"ENRUM_AGENSY": "x"})


def test_a_port_that_is_no_port_is_named() -> None:
    with pytest.raises(BadSetting, match="ENRUM_PORT"):
        from_environment({"ENRUM_PORT": "eighty"})

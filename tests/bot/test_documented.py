"""What is documented is what there is: settings, commands, choice ids."""

from __future__ import annotations

import re
from dataclasses import fields

import pytest

from bot.command import COMMANDS
from bot.settings import PROJECT, BadSetting, Settings, from_environment, variable

README = (PROJECT / "README.md").read_text("utf-8")


def test_every_setting_is_in_the_readme() -> None:
    documented = set(re.findall(r"^\| `(ENRUM_[A-Z_]+)`", README, re.M))
    assert documented == {variable(field.name) for field in fields(Settings)}


def test_every_command_is_in_the_readme() -> None:
    assert set(re.findall(r"^\| `enrum (\w+)", README, re.M)) == set(COMMANDS)


def test_a_setting_that_does_not_exist_is_named() -> None:
    with pytest.raises(BadSetting, match="ENRUM_AGENSY"):
        from_environment({"ENRUM_AGENSY": "x"})


def test_a_port_that_is_no_port_is_named() -> None:
    with pytest.raises(BadSetting, match="ENRUM_PORT"):
        from_environment({"ENRUM_PORT": "eighty"})

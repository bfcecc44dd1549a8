"""The file for signing in: docs/signing-in.md's own examples are taken, what is wrong is named, no value is shown."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from bot.composition import accounts_of, outside_of
from bot.settings import PROJECT, BadSetting, Settings
from bot.sign_in import sign_in_of
from casework.opening import open_records
from casework.roles import Role

EXAMPLES = re.findall(r"```yaml\n(.*?)```", (PROJECT / "docs/signing-in.md").read_text("utf-8"), re.S)


@pytest.fixture
def settings(tmp_path: Path):
    def settings(text: str) -> Settings:
        file = tmp_path / "sign-in.yml"
        file.write_text(text, "utf-8")
        return Settings(home=tmp_path, sign_in_file=str(file))

    return settings


def test_the_examples_are_taken(settings, tmp_path: Path) -> None:
    (steps, service) = (sign_in_of(settings(text)) for text in EXAMPLES)
    assert steps.second_step_for == (Role.ADMINISTRATOR, Role.COORDINATOR)
    assert service.service is not None and service.service.only
    assert list(service.service.roles.values()) == [Role.ADMINISTRATOR, Role.COORDINATOR, Role.CASEWORKER]


def test_a_secret_that_cannot_be_read_stops_the_start(settings, tmp_path: Path) -> None:
    from bot.composition import open_keys

    given = settings(EXAMPLES[1])
    records = open_records(f"sqlite:///{tmp_path / 'x.db'}", open_keys(given))
    with pytest.raises(BadSetting, match="secret cannot be read"):
        outside_of(given, records)
    (tmp_path / "secret").write_text("hemligt\n")
    outside = outside_of(settings(EXAMPLES[1].replace("/run/secrets/enrum-oidc", str(tmp_path / "secret"))), records)
    assert outside is not None and outside.only
    assert accounts_of(given, records).first_link() is None
    assert accounts_of(Settings(home=tmp_path), records).first_link() is not None
    assert outside_of(Settings(home=tmp_path), records) is None
    records.close()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"issuer": "http://inloggning.example.se"}, "service.issuer"),
        ({"roles": {"x": "king"}}, "service.roles.x"),
        ({"roles": {}}, "service.roles"),
        ({"scope": "profile"}, "openid"),
        ({"office_claim": ""}, "office_claim"),
        ({"client_secret": "hemligt"}, "client_secret"),
    ],
    ids=str,
)
def test_what_is_wrong_is_named_and_no_value_shown(settings, change: dict[str, object], said: str) -> None:
    told = yaml.safe_load(EXAMPLES[1])
    told["service"] |= change
    with pytest.raises(BadSetting) as bad:
        sign_in_of(settings(yaml.safe_dump(told)))
    assert said in str(bad.value) and "ENRUM_SIGN_IN_FILE" in str(bad.value)
    assert "hemligt" not in str(bad.value)


@pytest.mark.parametrize(("text", "said"), [("a: [", "line 1"), ("- x", "file"), ("second_step: yes", "second_step")])
def test_a_file_that_is_none_is_said(settings, text: str, said: str) -> None:
    with pytest.raises(BadSetting, match=said):
        sign_in_of(settings(text))


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match="cannot be read"):
        sign_in_of(Settings(sign_in_file=str(tmp_path / "nothing.yml")))

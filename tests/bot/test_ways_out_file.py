"""The file for ways out: docs/adapters.md's own example is taken, what is wrong is named, no secret is shown."""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from bot.composition import open_records, utc_now
from bot.data_files import catalogue
from bot.settings import PROJECT, BadSetting, Settings
from bot.ways_out import messenger_of, wants_of
from screening.catalogue.agency import Office

(EXAMPLE,) = re.findall(r"```yaml\n(.*?)```", (PROJECT / "docs/adapters.md").read_text("utf-8"), re.S)
SECRET = "whsec_" + b64encode(b"k" * 32).decode()


@pytest.fixture
def settings(tmp_path: Path):
    for name, secret in (("enrum-webhook", SECRET), ("enrum-mail", "a pass phrase"), ("enrum-chatwoot", "t")):
        (tmp_path / name).write_text(secret + "\n")

    def settings(**change: dict[str, object]) -> Settings:
        told = yaml.safe_load(EXAMPLE.replace("/run/secrets", str(tmp_path)))
        for section, values in change.items():
            told[section] |= values
        file = tmp_path / "out.yml"
        file.write_text(yaml.safe_dump(told), "utf-8")
        return Settings(
            home=tmp_path,
            out_file=str(file),
            public_url="https://enrum.example.se",
            smtp_url="smtp+starttls://enrum@smtp.example.se",
            smtp_from="enrum@example.se",
            smtp_password_file=str(tmp_path / "enrum-mail"),
        )

    return settings


def made(settings: Settings):
    found = catalogue(utc_now().date())
    words, offices = found.desk_admin["sv"]["out"], (Office(id="lulea", name="Luleå"),)
    agency = found.agencies["arbetsformedlingen"].model_copy(update={"offices": offices})
    with_nothing = replace(settings, out_file="")
    records = open_records(with_nothing)
    try:
        return messenger_of(settings, records, agency, words, utc_now)
    finally:
        records.close()


def test_the_example_is_taken_and_the_records_know_who_wants_what(settings) -> None:
    given = settings()
    assert set(wants_of(given)) == {"webhook", "mail", "chatwoot"}
    assert made(given).has_ways
    records = open_records(given)
    assert records.ways_out == wants_of(given)
    records.close()
    assert not made(replace(given, out_file="")).has_ways


@pytest.mark.parametrize(
    ("section", "change", "said"),
    [
        ("webhook", {"url": "http://arende.example.se"}, "webhook.url"),
        ("webhook", {"secret_file": "/nothing"}, "webhook.secret_file"),
        ("mail", {"host": "smtp.example.se"}, "mail.host"),
        ("mail", {"to": []}, "mail.to"),
        ("mail", {"to": ["a@b.se, c@d.se"]}, "mail.to"),
        ("mail", {"by_office": {"lulea": ["Luleå <a@b.se>"]}}, "mail.by_office.lulea"),
        ("mail", {"by_office": {"lulea": []}}, "mail.by_office.lulea"),
        ("mail", {"by_office": {"kiruna": ["a@b.se"]}}, "mail.by_office names no office of arbetsformedlingen: kiruna"),
        ("chatwoot", {"inbox": "../x"}, "chatwoot.inbox"),
        ("chatwoot", {"token": "hemligt"}, "chatwoot.token"),
    ],
    ids=str,
)
def test_what_is_wrong_is_named(settings, section: str, change: dict[str, object], said: str) -> None:
    with pytest.raises(BadSetting) as bad:
        made(settings(**{section: change}))
    assert said in str(bad.value) and "ENRUM_OUT_FILE" in str(bad.value)
    assert "hemligt" not in str(bad.value) and "a pass phrase" not in str(bad.value)


def test_a_weak_secret_stops_the_start(settings, tmp_path: Path) -> None:
    given = settings()
    (tmp_path / "enrum-webhook").write_text("whsec_aGVtbGlndA==")
    with pytest.raises(BadSetting, match=r"webhook.secret_file must be"):
        made(given)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"smtp_url": ""}, "ENRUM_SMTP_URL"),
        ({"smtp_url": "smtps://enrüm@smtp.example.se"}, "ASCII"),
        ({"smtp_password_file": "/nothing"}, "ENRUM_SMTP_PASSWORD_FILE"),
    ],
    ids=str,
)
def test_mail_needs_the_mail_server(settings, change: dict[str, str], said: str) -> None:
    with pytest.raises(BadSetting, match=said) as bad:
        made(replace(settings(), **change))
    assert "a pass phrase" not in str(bad.value)


def test_a_link_needs_an_address(settings) -> None:
    with pytest.raises(BadSetting, match="ENRUM_PUBLIC_URL"):
        made(replace(settings(), public_url=""))


def test_the_words_that_leave_the_desk_are_neutral() -> None:
    """They are seen on locked screens and in other systems: `enrum check` says so when they are not."""
    from datetime import date

    from bot.data_files import read
    from screening.catalogue.load import load

    files = read()
    path = "content/sv/desk_admin.yml"
    assert [fault for fault in load(files, date(2026, 11, 24))[1] if fault.file == path] == []
    files[path] = files[path].replace("mail_subject: Någon väntar", "mail_subject: Någon utsatt för våld väntar")
    (fault,) = [fault for fault in load(files, date(2026, 11, 24))[1] if fault.file == path]
    assert (fault.item, fault.line > 1) == ("out.mail_subject", True)

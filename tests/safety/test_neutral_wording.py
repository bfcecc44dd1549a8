"""What the outlet refuses in a neutral message, and what it must let through."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from safety.neutral_wording import Lexicon

FOLDER = Path(__file__).parents[2] / "data" / "safety" / "lexicon"
LANGUAGES = sorted(path.stem for path in FOLDER.glob("*.yml"))


def lexicon(language: str) -> Lexicon:
    return Lexicon.load(yaml.safe_load((FOLDER / f"{language}.yml").read_text("utf-8")))


@pytest.mark.parametrize(
    "text",
    [
        "Om det är bråttom: ring 112.",
        "Du kan lämna sidan när du vill.",
        "Vill du prata med en människa?",
        "Är du för dig själv just nu, så att ingen annan kan se skärmen eller höra?",
        "Är du ensam? Det vi pratar om är privat. Du kan få hjälp.",
        "Delar du mobilen, datorn eller kontot med någon?",
        "Jag är en automatisk assistent. Det är frivilligt och påverkar inte ditt ärende.",
        "Efter ett avbrott kan du börja om den valda dagen. Vi kontrollerar uppgifterna.",
        "Hotellet söker städare. Radera historiken. Ett möte äger rum. Jobba på radio.",
    ],
)
def test_plain_planning_talk_is_neutral(text: str) -> None:
    assert lexicon("sv").sensitive_words(text) == []


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Har du varit utsatt?", "utsatt"),
        ("Vi frågar om VÅLD i nära relationer", "VÅLD"),
        ("närståendevåld", "närståendevåld"),
        ("har han hotat dig", "hotat"),
        ("blev du slagen", "slagen"),
        ("slår han", "slår"),
        ("har nagon slagit dig", "slagit"),
        ("kvinnojouren", "kvinnojouren"),
        ("ett hedersrelaterat tvång", "hedersrelaterat"),
        ("gör en polisanmälan", "polisanmälan"),
        ("ett skyddat boende", "skyddat"),
        ("va\u030ald", "va\u030ald"),
        ("vå\u200bld", "vå\u200bld"),
        ("vå\u00adld", "vå\u00adld"),
        ("h\u043etad", "h\u043etad"),
        ("v4ld", "v4ld"),
        ("ｖåｌｄ", "ｖåｌｄ"),
        ("v.å.l.d", "v.å.l.d"),
        ("Ring Kvinnofridslinjen 020-50 50 50", "020-50 50 50"),
        ("ring +46 (0)20 50 50 50", "50 50 50"),
        ("ring 020505050", "020505050"),
    ],
)
def test_a_sensitive_word_is_found_however_it_is_written(text: str, word: str) -> None:
    assert any(word in found for found in lexicon("sv").sensitive_words(text))


def test_a_harmless_word_in_disguise_is_not_excused() -> None:
    assert lexicon("sv").sensitive_words("den valda tiden") == []
    assert lexicon("sv").sensitive_words("den v4lda tiden") == ["v4lda"]


@pytest.mark.parametrize(
    ("language", "sensitive", "neutral"),
    [
        ("en", "domestic abuse", "Are you on your own, so that nobody can see the screen? In an emergency ring 112."),
        ("fi", "Perheväkivalta", "Oletko yksin? Voit poistua sivulta milloin tahansa. Soita 112."),
        ("ar", "العنف المنزلي", "هل أنت وحدك الآن؟ يمكنك مغادرة الصفحة. اتصل على 112."),
        ("so", "rabshadaha guriga", "Keligaa ma tahay? Waad ka bixi kartaa bogga. Wac 112."),
        ("prs", "خشونت خانواده‌گی", "آیا تنها هستید؟ می‌توانید صفحه را ترک کنید. 112"),
        ("fa", "خشونت خانگی", "آیا تنها هستید؟ می‌توانید صفحه را ترک کنید. 112"),
        ("ckb", "توندوتیژی خێزانی", "ئایا تەنیایت؟ دەتوانیت پەڕەکە بەجێبهێڵیت. 112"),
        ("ti", "ናይ ስድራቤት ዓመጽ", "በይንኻ ዲኻ ዘለኻ? 112"),
        ("pl", "przemoc domowa", "Czy jesteś teraz sam? Możesz opuścić stronę. Zadzwoń pod 112."),
        ("es", "violencia doméstica", "¿Estás a solas? Puedes salir de la página. Llama al 112."),
        ("sq", "dhuna në familje", "A je vetëm? Mund të largohesh nga faqja. 112"),
        ("bs", "nasilje u porodici", "Da li ste sami? Možete napustiti stranicu. 112"),
        ("uk", "домашнє насильство", "Ви зараз на самоті? Ви можете залишити сторінку. 112"),
    ],
)
def test_each_language_knows_its_own_words(language: str, sensitive: str, neutral: str) -> None:
    assert lexicon(language).sensitive_words(sensitive) != []
    assert lexicon(language).sensitive_words(neutral) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_list_is_honest_about_its_review_and_refuses_the_help_lines(language: str) -> None:
    data = yaml.safe_load((FOLDER / f"{language}.yml").read_text("utf-8"))
    assert data["locale"] == language
    assert data["status"] in {"draft", "reviewed"} and (data["status"] == "draft") == (data["reviewed_by"] is None)
    found = Lexicon.load(data)
    assert (
        found.sensitive_words("020-50 50 50") and found.sensitive_words("114 14") and not found.sensitive_words("112")
    )


def test_an_empty_list_is_refused() -> None:
    with pytest.raises(ValueError, match="without sensitive words"):
        Lexicon.load({"locale": "sv"})

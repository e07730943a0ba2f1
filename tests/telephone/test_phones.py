"""The file of telephones that register here."""

from __future__ import annotations

from pathlib import Path

import pytest

from podium.telephone.phones import PhonesUnusable, load_phones
from podium.telephone.prompts.texts import Language

GOOD = """
[[phone]]
number = "8001"
secret = "a long secret"
venue = "henan"
language = "en"
algorithm = "SHA-256"

[[phone]]
number = "+86 10 6512-0002"
secret = "another secret"
"""


def write(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "phones.toml"
    file.write_text(text)
    return file


def test_telephones(tmp_path: Path) -> None:
    phones = load_phones(write(tmp_path, GOOD))
    assert list(phones) == ["8001", "+861065120002"]
    assert phones["8001"].languages == (Language.EN,)
    assert phones["8001"].venue == "henan"
    assert phones["+861065120002"].venue is None
    assert phones["+861065120002"].algorithm == "MD5"
    assert "secret" not in repr(phones["8001"]).replace("a long secret", "secret!")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('number = "8001"', 'number = "reception"', "telephone 1: number must be"),
        ('number = "8001"', 'number = "+861065120002"', "telephone 2: its number is there twice"),
        ('secret = "a long secret"', 'secret = "short"', "8 characters or more"),
        ('secret = "a long secret"', "", "8 characters or more"),
        ('language = "en"', 'language = "fr"', "language is zh or en"),
        ('algorithm = "SHA-256"', 'algorithm = "SHA-1"', "algorithm is MD5 or SHA-256"),
        ('venue = "henan"', 'site = "henan"', "site is not known"),
        ('venue = "henan"', "venue = 7", "texts in quotation marks"),
        ("[[phone]]", "[[phone", "is not TOML"),
    ],
)
def test_a_wrong_file_is_named_without_its_secrets(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    assert old in GOOD
    with pytest.raises(PhonesUnusable, match=said) as error:
        load_phones(write(tmp_path, GOOD.replace(old, new, 1)))
    assert "phones.toml" in str(error.value)
    assert "a long secret" not in str(error.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(PhonesUnusable, match="cannot be read"):
        load_phones(tmp_path / "none.toml")

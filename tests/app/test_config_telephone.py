"""Settings of the telephone: what is said of a wrong one, and what is never said."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from podium.config import KEYS, ConfigError, Settings, load, telephone

TRUNK = """
[telephone]
hosts = ["0.0.0.0", "::"]
port = 5070
rtp_ports = "30000-30999"
allowed_prefixes = ["+8610", "010"]

[[telephone.trunks]]
name = "beijing"
host = "sip.example.net"
transport = "tcp"
user = "podium"
secret_file = "{secret}"
register = true
prefixes = ["+8610"]
sources = ["192.0.2.0/24"]

[[telephone.trunks]]
name = "other"
host = "192.0.2.9"
"""


def settings(tmp_path: Path, text: str) -> Settings:
    secret = tmp_path / "secret"
    secret.write_text("hush")
    file = tmp_path / "podium.toml"
    file.write_text(text.replace("{secret}", str(secret)))
    return load({}, {}, file)


def test_without_a_section_there_is_no_telephone_and_nothing_may_be_dialled() -> None:
    section = Settings().telephone
    assert not section.enabled
    assert section.allowed_prefixes == ()


def test_trunks_in_their_order(tmp_path: Path) -> None:
    section = settings(tmp_path, TRUNK).telephone
    assert section.enabled
    assert section.rtp_ports == (30000, 30999)
    assert [trunk.name for trunk in section.trunks] == ["beijing", "other"]
    assert section.trunks[0].register
    assert section.trunks[0].prefixes == ("+8610",)
    assert set(telephone._TRUNK) == {f.name for f in fields(section.trunks[0])}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('name = "beijing"', "", "needs a name"),
        ('name = "other"', 'name = "beijing"', "the same name"),
        ('host = "sip.example.net"', "", "host is missing"),
        ('transport = "tcp"', 'transport = "sctp"', "transport .* udp, tcp or tls"),
        ('user = "podium"\n', "", "register needs user and secret_file"),
        ('user = "podium"', 'secret = "hush"', "secret is no setting; a password stands in a file"),
        ('"192.0.2.0/24"', '"192.0.2.0/99"', "sources .* networks"),
        ('"{secret}"', '"/nowhere"', "secret_file .* a file that exists"),
    ],
)
def test_a_wrong_trunk_is_named(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in TRUNK
    with pytest.raises(ConfigError, match=said) as error:
        settings(tmp_path, TRUNK.replace(old, new, 1))
    assert "hush" not in str(error.value)
    assert "podium.toml" in str(error.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("hosts", "0.0.0.0:5060"),
        ("hosts", "localhost"),
        ("port", "65536"),
        ("rtp_ports", "5000"),
        ("rtp_ports", "5000-4000"),
        ("rtp_ports", "80-90"),
        ("access_numbers", "nine"),
        ("allowed_prefixes", "*"),
        ("trunks", "sip.example.net"),
        ("language", "fr"),
        ("prompts", "/nowhere"),
        ("fallback_after", "0"),
    ],
)
def test_a_wrong_value_is_named_with_what_is_allowed(name: str, value: str) -> None:
    allowed = next(k.allowed for k in KEYS if k.dotted == f"telephone.{name}")
    with pytest.raises(ConfigError) as error:
        load({f"telephone.{name}": value}, {})
    assert allowed in str(error.value)


def test_what_belongs_together(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="at most one address of IPv4"):
        load({"telephone.hosts": "127.0.0.1, 127.0.0.2"}, {})
    key = tmp_path / "key.pem"
    key.touch()
    with pytest.raises(ConfigError, match="together"):
        load({"telephone.tls_key": str(key)}, {})
    with pytest.raises(ConfigError, match="nobody could call in"):
        load({"telephone.hosts": "0.0.0.0", "telephone.access_numbers": []}, {})

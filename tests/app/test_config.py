"""Settings: where they come from, and what is said of a wrong one."""

from __future__ import annotations

from dataclasses import fields
from ipaddress import ip_network
from pathlib import Path

import pytest

from podium.config import KEYS, ConfigError, Settings, load


def test_defaults() -> None:
    settings = load({}, {})
    assert settings == Settings()
    assert (settings.web.host, settings.web.port) == ("127.0.0.1", 8080)
    assert settings.store.address == f"sqlite:///{Path.cwd() / 'data' / 'podium.db'}"


def test_every_setting_has_a_key_and_every_key_a_setting() -> None:
    there = {
        f"{section.name}.{key.name}"
        for section in fields(Settings)
        for key in fields(getattr(Settings(), section.name))
    }
    assert {key.dotted for key in KEYS} == there


def test_command_line_before_environment_before_file(tmp_path: Path) -> None:
    file = tmp_path / "podium.toml"
    file.write_text(
        '[web]\nhost = "0.0.0.0"\nport = 1\n[media]\nport = 3\npublic_addresses = ["10.0.0.1"]\n'
        'gso = false\n[store]\ndata = "/srv/podium"\n'
    )
    environment = {
        "PODIUM_CONFIG": str(file),
        "PODIUM_WEB_PORT": "2",
        "PODIUM_MEDIA_PORT": "4",
        "PODIUM_WEB_METRICS_FROM": "10.0.0.0/8, ::1/128",
        "PODIUM_MEDIA_WORKERS": "",
    }
    settings = load({"media.port": "5", "web.host": None}, environment)
    assert (settings.web.host, settings.web.port, settings.media.port) == ("0.0.0.0", 2, 5)
    assert settings.media.public_addresses == ("10.0.0.1",)
    assert settings.media.gso is False
    assert settings.media.workers is None
    assert settings.web.metrics_from == (ip_network("10.0.0.0/8"), ip_network("::1/128"))
    assert settings.store.address == "sqlite:////srv/podium/podium.db"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("web.port", "70000"),
        ("web.port", "http"),
        ("web.port", True),
        ("web.host", " "),
        ("web.public_url", "podium.example"),
        ("web.public_url", "https://podium.example/office"),
        ("web.tls_cert", "/nowhere/cert.pem"),
        ("web.proxies", "proxy"),
        ("web.metrics_from", "10.0.0.0/99"),
        ("media.host", "localhost"),
        ("media.public_addresses", "0.0.0.0"),
        ("media.public_addresses", ["10.0.0.1:x"]),
        ("media.workers", "0"),
        ("media.gso", "perhaps"),
        ("store.database", "mysql://host/name"),
        ("log.level", "loud"),
        ("log.format", "xml"),
    ],
)
def test_a_wrong_value_is_named_with_what_is_allowed(name: str, value: object) -> None:
    allowed = next(key.allowed for key in KEYS if key.dotted == name)
    with pytest.raises(ConfigError) as error:
        load({name: value}, {})
    text = str(error.value)
    assert text.startswith(name)
    assert "on the command line" in text
    assert allowed in text


@pytest.mark.parametrize(
    "value", ["192.0.2.7", "192.0.2.7:443", "2001:db8::7", "[2001:db8::7]:443"]
)
def test_public_addresses(value: str) -> None:
    settings = load({"media.public_addresses": [value]}, {})
    assert settings.media.public_addresses == (value,)


def test_a_database_password_is_not_repeated() -> None:
    with pytest.raises(ConfigError) as error:
        load({}, {"PODIUM_STORE_DATABASE": "mysql://podium:secret@host/name"})
    assert "secret" not in str(error.value)
    assert "PODIUM_STORE_DATABASE" in str(error.value)


def test_certificate_and_key_come_together(tmp_path: Path) -> None:
    certificate = tmp_path / "cert.pem"
    certificate.touch()
    with pytest.raises(ConfigError, match="together"):
        load({"web.tls_cert": str(certificate)}, {})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[web]\nprot = 1\n", r"web\.prot .* is no setting"),
        ("port = 1\n", "port .* is no setting"),
        ("[web\n", "is not TOML"),
    ],
)
def test_a_wrong_file_is_named(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "podium.toml"
    file.write_text(text)
    with pytest.raises(ConfigError, match=said):
        load({}, {}, file)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load({}, {}, tmp_path / "none.toml")

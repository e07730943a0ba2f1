"""The command line. It only parses and prints; the rooms below do the work."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from podium import __version__, bench, demo
from podium.app.errors import StartError
from podium.config import KEYS, ConfigError, Settings, load
from podium.hall.access import AccountRole
from podium.values.text import OrganisationId

USAGE_ERROR: Final = 2
_SERVE_FLAGS: Final[Mapping[str, tuple[str, str, str]]] = {
    "--host": ("web.host", "ADDRESS", "listen on this address (127.0.0.1; 0.0.0.0 is all)"),
    "--port": ("web.port", "PORT", "TCP port of pages and API (8080)"),
    "--public-url": ("web.public_url", "URL", "what station links begin with, behind a proxy"),
    "--tls-cert": ("web.tls_cert", "FILE", "certificate chain, PEM"),
    "--tls-key": ("web.tls_key", "FILE", "private key, PEM"),
    "--media-host": ("media.host", "ADDRESS", "listen for media on this address (as --host)"),
    "--media-port": ("media.port", "PORT", "UDP port of all media (as --port)"),
    "--workers": ("media.workers", "N", "threads that serve viewers (all processors but one)"),
    "--log-level": ("log.level", "LEVEL", "debug, info, warning or error (info)"),
    "--log-format": ("log.format", "FORMAT", "text or json (text on a terminal)"),
}
_STORE_FLAGS: Final[Mapping[str, tuple[str, str, str]]] = {
    "--data": ("store.data", "DIR", "directory of everything that is kept (./data)"),
    "--database": ("store.database", "URL", "PostgreSQL instead of SQLite in --data"),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code: 0, 1 where the work failed, 2 where it could not begin."""
    args = _parser().parse_args(arguments)
    try:
        code: int = args.run(args)
    except (StartError, ConfigError) as error:
        print(f"podium {args.command}: {error}", file=sys.stderr)
        return USAGE_ERROR
    except KeyboardInterrupt:
        return 130
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="podium", description="Work conferences by video, held and followed through."
    )
    parser.add_argument("--version", action="version", version=f"podium {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_serve(commands)
    _add_check(commands)
    _add_account(commands)
    _add_verify(commands)
    demo.add_parser(commands)
    bench.add_parser(commands)
    version = commands.add_parser("version", help="print the version")
    version.set_defaults(run=_version)
    return parser


def _add_serve(commands: Any) -> None:
    serve = commands.add_parser(
        "serve",
        help="run the server",
        description="Runs the server until SIGTERM or Ctrl-C. On the first start it makes an "
        "administrator and prints the password once.",
        epilog="Every setting can also stand in a TOML file or in the environment: "
        + ", ".join(key.variable for key in KEYS),
    )
    _add_flags(serve, _SERVE_FLAGS)
    _add_flags(serve, _STORE_FLAGS)
    serve.add_argument(
        "--public-address",
        dest="media.public_addresses",
        action="append",
        metavar="IP[:PORT]",
        help="how venues reach the media port, behind NAT or with --host 0.0.0.0; may be repeated",
    )
    serve.set_defaults(run=_serve)


def _add_check(commands: Any) -> None:
    check = commands.add_parser(
        "check",
        help="say whether the telephone would work, and what to do where not",
        description="Looks at the settings, tries the ports, and asks the trunks, changing "
        "nothing. The exit code is 1 where something must be done.",
    )
    check.add_argument(
        "--language", choices=["zh", "en"], help="of what is said (as this system's language)"
    )
    check.add_argument(
        "--config", type=Path, metavar="FILE", help="settings as TOML (PODIUM_CONFIG)"
    )
    check.set_defaults(run=_check)


def _add_account(commands: Any) -> None:
    account = commands.add_parser("account", help="accounts, without the web")
    kinds = account.add_subparsers(dest="kind", required=True, metavar="WHAT")
    listing = kinds.add_parser("list", help="name and role of every account")
    create = kinds.add_parser("create", help="make an account; prints its password")
    create.add_argument("--role", choices=[r.value for r in AccountRole], default="administrator")
    create.add_argument(
        "--organisation", metavar="CODE", help="whose liaison officer it is, as in the directory"
    )
    reset = kinds.add_parser("reset-password", help="give an account a new password; prints it")
    for kind, run in ((listing, _account_list), (create, _account_create), (reset, _account_reset)):
        _add_flags(kind, _STORE_FLAGS)
        kind.set_defaults(run=run)
    for kind in (create, reset):
        kind.add_argument("name")


def _add_verify(commands: Any) -> None:
    check = commands.add_parser(
        "verify",
        help="prove that the logs are as they were written",
        description="Checks the chain of hashes of each conference's log and names the first entry "
        "that is wrong. With a hash that was kept outside, printed for instance, also shows what "
        "was cut off or rewritten.",
    )
    _add_flags(check, _STORE_FLAGS)
    check.add_argument("--conference", metavar="ID", help="this one alone")
    check.add_argument("--hash", metavar="HASH", help="a hash of it that was kept outside")
    check.set_defaults(run=_verify)


def _add_flags(parser: argparse.ArgumentParser, flags: Mapping[str, tuple[str, str, str]]) -> None:
    for flag, (dotted, metavar, text) in flags.items():
        parser.add_argument(flag, dest=dotted, metavar=metavar, help=text)
    if flags is _STORE_FLAGS:
        parser.add_argument(
            "--config", type=Path, metavar="FILE", help="settings as TOML (PODIUM_CONFIG)"
        )


def _settings(args: argparse.Namespace) -> Settings:
    flags = {name: value for name, value in vars(args).items() if "." in name}
    return load(flags, os.environ, args.config)


def _serve(args: argparse.Namespace) -> int:
    from podium.app.serving import serve

    serve(_settings(args))
    return 0


def _check(args: argparse.Namespace) -> int:
    from podium.app.check import Mark, check_telephone

    section = _settings(args).telephone
    language = args.language or _spoken(os.environ)
    marks = {
        Mark.GOOD: {"zh": "正常", "en": "ok   "},
        Mark.NOTE: {"zh": "提示", "en": "note "},
        Mark.FAULT: {"zh": "故障", "en": "FAULT"},
    }

    async def told() -> bool:
        faults = False
        async for found in check_telephone(section):
            said = found.text.zh if language == "zh" else found.text.en
            print(f"{marks[found.mark][language]}  {said}", flush=True)
            faults |= found.mark is Mark.FAULT
        return faults

    return 1 if asyncio.run(told()) else 0


def _spoken(environment: Mapping[str, str]) -> str:
    """The language of this system, of the two that we have: the first of the variables that is
    set decides (POSIX, 8.2)."""
    names = (environment.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return "zh" if next(filter(None, names), "").startswith("zh") else "en"


def _account_list(args: argparse.Namespace) -> int:
    from podium.app.accounts import list_accounts

    accounts = asyncio.run(list_accounts(_settings(args).store))
    for account in accounts:
        whose = "" if account.organisation is None else f" ({account.organisation})"
        print(f"{account.role.value:14} {account.name}{whose}")
    return 0


def _account_create(args: argparse.Namespace) -> int:
    from podium.app.accounts import create_account

    role = AccountRole(args.role)
    organisation = None if args.organisation is None else OrganisationId(args.organisation)
    store = _settings(args).store
    print(asyncio.run(create_account(store, args.name, role, organisation)))
    return 0


def _account_reset(args: argparse.Namespace) -> int:
    from podium.app.accounts import reset_password

    print(asyncio.run(reset_password(_settings(args).store, args.name)))
    return 0


def _verify(args: argparse.Namespace) -> int:
    from podium.app.verify import line, verify

    found = asyncio.run(verify(_settings(args).store, args.conference, args.hash))
    for verified in found:
        print(line(verified))
    return 0 if all(verified.examined.wrong is None for verified in found) else 1


def _version(_: argparse.Namespace) -> int:
    print(f"podium {__version__}")
    return 0

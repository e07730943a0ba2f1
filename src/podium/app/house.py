"""All parts, wired and opened in order, closed in the opposite one."""

from __future__ import annotations

import asyncio
import fcntl
import logging
import os
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from fastapi import FastAPI

from podium import __version__
from podium.app.addresses import MediaAddresses
from podium.app.errors import StartError
from podium.app.no_telephone import NoTelephone
from podium.app.notifying import sending_notices
from podium.app.records import record_book, recording_shelf, tended
from podium.app.sweeping import swept
from podium.app.telephone import Around, make_telephone
from podium.briefing.book import SituationBook
from podium.briefing.tasks import load
from podium.briefing.workshop import Workshop
from podium.conference.commands import Actor, Command, Role
from podium.conference.state import ConferenceId, Phase
from podium.config import MediaSection, Settings, StoreSection, WebSection
from podium.config.record import RecordSection
from podium.desk.codebase import fold_version
from podium.desk.keeper import Keeper
from podium.desk.programmes import Programmes
from podium.hall.loop import Hall
from podium.hall.ports import Clock, Telephone
from podium.hall.registry import Halls
from podium.media.adapter import MediaHouse
from podium.media.build import StaleEngine
from podium.media.engine import EngineFailed, EnginePort
from podium.media.presence import GRACE
from podium.record.book import RecordBook
from podium.record.recording.shelf import Shelf
from podium.store.files import FileStore
from podium.store.notebook import pseudonyms
from podium.store.opening import Store, open_store
from podium.store.pins import PinStore
from podium.store.server_key import server_key
from podium.store.snapshots import SnapshotStore
from podium.telephone.board import TELEPHONE
from podium.web.app import create_app
from podium.web.ports import TelephoneDesk
from podium.web.services import Ports
from podium.web.settings import WebSettings

logger = logging.getLogger("podium.app")

MEDIA: Final = Actor(Role.SYSTEM, "media")
EngineMaker = Callable[[MediaSection, MediaAddresses], EnginePort]


class TelephonePart(Telephone, TelephoneDesk, Protocol):
    """The telephone, as halls direct it and as consoles are told of it."""

    def follow(self, conference: ConferenceId) -> None:
        """Stations may come and go in this conference."""
        ...

    async def start(self) -> None:
        """Takes calls. Raises ``StartError``."""
        ...

    async def stop(self) -> None: ...


TelephoneMaker = Callable[[Around], TelephonePart]


@dataclass(frozen=True, slots=True)
class House:
    """A Podium that is open. ``app`` is to be served by an ASGI server with lifespan."""

    app: FastAPI
    store: Store
    halls: Halls
    media: MediaHouse
    pins: PinStore
    programmes: Programmes


@asynccontextmanager
async def open_house(
    settings: Settings,
    addresses: MediaAddresses,
    make_engine: EngineMaker,
    clock: Clock,
    telephone: TelephoneMaker | None = None,
) -> AsyncIterator[House]:
    """Raises ``StartError``. On leaving, what the halls still have to do is done."""
    with _sole_user(settings.store):
        store = await open_storage(settings.store, clock)
        try:
            maker = telephone or _by_settings(settings)
            workshop = Workshop()
            shelf = recording_shelf(store, settings.record, settings.store.data, clock)
            key = _installation_key(settings.store.data)
            live = _live_parts(settings, addresses, make_engine, maker, store, shelf, clock, key)
            programmes = programmes_of(store, clock, key)
            records = record_book(store, programmes, settings.record, clock)
            try:
                x13 = settings.situation.x13
                situation = SituationBook(store.figures, workshop, x13=x13)
                files = FileStore(settings.store.data / "files")
                documents = FileStore(settings.store.data / "documents")
                books = _Books(programmes, records, shelf, situation, files, documents)
                ports = _ports(store, live, books, clock)
                app = create_app(ports, _web_settings(settings.web, settings.record))
                await live.telephone.start()
                async with (
                    _warming(store, live),
                    _preparing(workshop),
                    tended(shelf),
                    sending_notices(settings.notices, programmes, store, clock),
                    swept(files, programmes, clock),
                ):
                    yield House(app, store, live.halls, live.media, live.pins, programmes)
            finally:
                await live.telephone.stop()
                await live.halls.close()
                await programmes.close()
                live.media.close()
                await shelf.close()
                workshop.close()
                records.close()
        finally:
            await store.close()


async def open_storage(section: StoreSection, clock: Clock) -> Store:
    """Raises ``StartError``."""
    try:
        section.data.mkdir(parents=True, exist_ok=True)
        return await open_store(section.address, clock)
    except ValueError as error:
        raise StartError(f"store.database: {error}") from None
    except OSError as error:
        why = error.strerror or str(error)
        raise StartError(
            f"the store cannot be opened: {why}. Check that {section.data} can be written, that "
            "the disk is not full, and that the database is up and not locked by another program"
        ) from error


def native_engine(section: MediaSection, addresses: MediaAddresses) -> EnginePort:
    """The engine of this installation. Raises ``StartError``."""
    try:
        from podium.media.native import NativeEngine  # the only part that may be missing
    except StaleEngine as error:
        raise StartError(str(error)) from error
    except ImportError as error:
        raise StartError(
            f"the media engine is not usable ({error}): run `make setup`, or install Podium's "
            "package for this system"
        ) from error
    phones, ports = addresses.phones or (None, (0, 0))
    try:
        return NativeEngine(
            listen=addresses.listen,
            public=addresses.public,
            workers=section.workers or max(1, (os.cpu_count() or 2) - 1),
            gso=section.gso,
            phones=phones,
            phone_ports=ports,
        )
    except (EngineFailed, OSError) as error:
        raise StartError(
            f"the media engine cannot listen on UDP {addresses.listen[0]}: {error}. Choose another "
            "port with --media-port, or say with --public-address how venues reach it"
        ) from error


def _installation_key(data: Path) -> bytes:
    """Raises ``StartError``."""
    try:
        return server_key(data)
    except OSError as error:
        raise StartError(f"the server's key cannot be used: {error}") from error


def programmes_of(store: Store, clock: Clock, key: bytes) -> Programmes:
    """With snapshots, so that a start is quick."""
    log = store.programme_log
    snapshots = SnapshotStore(store.database, log, key, fold_version())
    return Programmes(log, clock, Keeper(snapshots))


@dataclass(frozen=True, slots=True)
class _Live:
    """The parts that a conference is held with."""

    media: MediaHouse
    telephone: TelephonePart
    halls: Halls
    pins: PinStore


def _live_parts(
    settings: Settings,
    addresses: MediaAddresses,
    make_engine: EngineMaker,
    make_telephone: TelephoneMaker,
    store: Store,
    shelf: Shelf,
    clock: Clock,
    key: bytes,
) -> _Live:
    """Halls direct media and telephone, and these report to halls. Raises ``StartError``."""

    def report(conference: ConferenceId, command: Command) -> None:
        halls.post(conference, command, MEDIA)
        telephone.follow(conference)

    pins = PinStore(store.database, clock, key)
    media = MediaHouse(make_engine(settings.media, addresses), report, shelf)
    late = _LateHalls()
    around = Around(media.legs, late, pins, store.notebook, pseudonyms(key), clock, GRACE)
    telephone = make_telephone(around)
    late.halls = halls = Halls(store.log, media, telephone, clock)
    return _Live(media, telephone, halls, pins)


class _LateHalls:
    """Halls for the telephone, which they are made with."""

    halls: Halls

    async def get(self, conference: ConferenceId) -> Hall | None:
        return await self.halls.get(conference)

    def post(self, conference: ConferenceId, command: Command, actor: Actor) -> None:
        self.halls.post(conference, command, actor)

    def opened(self) -> Sequence[Hall]:
        return self.halls.opened()


def _by_settings(settings: Settings) -> TelephoneMaker:
    def make(around: Around) -> TelephonePart:
        if settings.telephone.enabled:
            return make_telephone(settings.telephone, around)
        return NoTelephone(lambda at, command: around.conferences.post(at, command, TELEPHONE))

    return make


@dataclass(frozen=True, slots=True)
class _Books:
    """What is read and written beside the live conferences."""

    programmes: Programmes
    records: RecordBook
    shelf: Shelf
    situation: SituationBook
    files: FileStore
    documents: FileStore


def _ports(
    store: Store,
    live: _Live,
    books: _Books,
    clock: Clock,
) -> Ports:
    return Ports(
        accounts=store.accounts,
        sessions=store.login_sessions,
        tokens=store.tokens,
        links=store.links,
        pins=live.pins,
        directory=store.directory,
        index=store.conferences,
        storage=store.database,
        log=store.log,
        halls=live.halls,
        media=live.media,
        engine=live.media,
        telephone=live.telephone,
        programmes=books.programmes,
        programme_index=store.programmes,
        contacts=store.contacts,
        feeds=store.feeds,
        files=books.files,
        documents=books.documents,
        records=books.records,
        recordings=books.shelf,
        situation=books.situation,
        clock=clock,
    )


def _web_settings(section: WebSection, record: RecordSection) -> WebSettings:
    return WebSettings(
        version=__version__,
        public_url=section.public_url,
        secure_cookie=section.tls_cert is not None
        or (section.public_url or "").startswith("https"),
        metrics_from=section.metrics_from,
        records=record.automatic,
    )


@asynccontextmanager
async def _warming(store: Store, live: _Live) -> AsyncIterator[None]:
    """Opens the halls of unfinished conferences while the web is open already, so that after a
    restart nobody has to come first for the others' states to be true."""

    async def warm() -> None:
        unfinished = [c.id for c in await store.conferences.all() if c.phase is not Phase.CLOSED]
        await live.halls.open_all(unfinished)
        for conference in unfinished:
            live.telephone.follow(conference)

    task = asyncio.create_task(warm(), name="opening halls")
    task.add_done_callback(_report_failure)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError, OSError):
            await task


@asynccontextmanager
async def _preparing(workshop: Workshop) -> AsyncIterator[None]:
    """Lets the workshop load what it needs while nobody has asked for a briefing yet."""
    task = asyncio.create_task(workshop.prepare(load), name="preparing the workshop")
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def _report_failure(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and task.exception() is not None:
        logger.error("the list of conferences cannot be read: %s", task.exception())


@contextmanager
def _sole_user(section: StoreSection) -> Iterator[None]:
    """Two servers on the same data would stop each other's halls. The kernel lets go of the lock
    however the process ends."""
    try:
        section.data.mkdir(parents=True, exist_ok=True)
        path = Path(section.data, "podium.lock")
        descriptor = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StartError(
            f"the data directory {section.data} cannot be used: {error.strerror}. Choose another "
            "with --data"
        ) from None
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise StartError(
                f"another Podium is serving from {section.data}: stop that one, or choose another "
                "directory with --data"
            ) from None
        yield
    finally:
        os.close(descriptor)

"""Opens the store: connects, migrates, and hands out its parts."""

from __future__ import annotations

from dataclasses import dataclass

from podium.hall.ports import Clock
from podium.store.accounts import AccountStore
from podium.store.database import Database, open_engine
from podium.store.directory import DirectoryStore
from podium.store.feeds import FeedStore
from podium.store.figures import FigureStore
from podium.store.links import LinkStore
from podium.store.log import ConferenceLog, conference_log
from podium.store.login_sessions import LoginSessionStore
from podium.store.migrating import migrate
from podium.store.notebook import TelephoneNotebook
from podium.store.notices import ContactStore, NoticeQueue
from podium.store.programmes import ProgrammeList, ProgrammeLog, programme_log
from podium.store.projection import ConferenceList
from podium.store.tokens import TokenStore
from podium.store.uses import UseNotes


@dataclass(frozen=True, slots=True)
class Store:
    """Everything that is kept, each part behind what its users declare as a Protocol."""

    log: ConferenceLog
    conferences: ConferenceList
    directory: DirectoryStore
    accounts: AccountStore
    login_sessions: LoginSessionStore
    tokens: TokenStore
    links: LinkStore
    programme_log: ProgrammeLog
    programmes: ProgrammeList
    notices: NoticeQueue
    contacts: ContactStore
    feeds: FeedStore
    figures: FigureStore
    notebook: TelephoneNotebook
    database: Database
    uses: UseNotes

    async def close(self) -> None:
        """Writes what is pending and lets go of the database. The store is of no use after."""
        await self.uses.close()
        await self.database.close()


async def open_store(address: str, clock: Clock) -> Store:
    """``sqlite:///file.db`` or ``postgresql://user:password@host/name``.

    Creates the file where there is none, and brings the tables up to date. Raises ``ValueError``
    for an address that is neither, ``OSError`` when the database cannot be used.
    """
    database = open_engine(address)
    try:
        await migrate(database)
    except BaseException:
        await database.close()
        raise
    uses = UseNotes(database)
    return Store(
        log=conference_log(database),
        conferences=ConferenceList(database),
        directory=DirectoryStore(database),
        accounts=AccountStore(database, clock),
        login_sessions=LoginSessionStore(database, clock, uses),
        tokens=TokenStore(database, clock, uses),
        links=LinkStore(database, clock, uses),
        programme_log=programme_log(database),
        programmes=ProgrammeList(database),
        notices=NoticeQueue(database),
        contacts=ContactStore(database),
        feeds=FeedStore(database, clock, uses),
        figures=FigureStore(database, clock),
        notebook=TelephoneNotebook(database, clock),
        database=database,
        uses=uses,
    )

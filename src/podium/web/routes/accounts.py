"""Accounts (by administrators) and the API tokens of one's own account."""

from __future__ import annotations

from fastapi import APIRouter

from podium.hall.access import Account, AccountChange, AccountId, ApiToken, TokenId
from podium.values.text import OrganisationId
from podium.web.principal import account_owner
from podium.web.routes.session import Person
from podium.web.services import Services
from podium.web.shapes import (
    AccountDetails,
    AccountList,
    AccountPatch,
    IssuedTokenShape,
    NewAccount,
    NewToken,
    TokenList,
    TokenShape,
)


def router(services: Services) -> APIRouter:
    routes = APIRouter(prefix="/api/accounts", tags=["accounts"])
    accounts = services.ports.accounts

    async def end_presence(account: str) -> None:
        services.feeds.expel_account(account)
        await services.ports.media.end_all_of(account_owner(account))

    @routes.get("")
    async def list_accounts() -> AccountList:
        return AccountList(accounts=[_details(account) for account in await accounts.all()])

    @routes.post("", status_code=201)
    async def create(asked: NewAccount) -> AccountDetails:
        whose = _organisation(asked.organisation)
        return _details(await accounts.create(asked.name, asked.password, asked.role, whose))

    @routes.patch("/{account}")
    async def change(account: str, asked: AccountPatch) -> AccountDetails:
        whose = _organisation(asked.organisation)
        wanted = AccountChange(asked.name, asked.password, asked.role, whose)
        changed = await accounts.change(AccountId(account), wanted)
        if (asked.role, asked.password, asked.organisation) != (None, None, None):
            await end_presence(account)
        return _details(changed)

    @routes.delete("/{account}", status_code=204)
    async def remove(account: str) -> None:
        await accounts.remove(AccountId(account))
        await end_presence(account)

    return routes


def token_router(services: Services) -> APIRouter:
    routes = APIRouter(prefix="/api/tokens", tags=["tokens"])
    tokens = services.ports.tokens

    @routes.get("")
    async def list_tokens(person: Person) -> TokenList:
        found = await tokens.of(person.account.id)
        return TokenList(tokens=[TokenShape.model_validate(_token(token)) for token in found])

    @routes.post("", status_code=201)
    async def issue(asked: NewToken, person: Person) -> IssuedTokenShape:
        issued = await tokens.issue(person.account.id, asked.label)
        return IssuedTokenShape.model_validate({**_token(issued.token), "token": issued.secret})

    @routes.delete("/{token}", status_code=204)
    async def revoke(token: str, person: Person) -> None:
        await tokens.revoke(person.account.id, TokenId(token))

    return routes


def _organisation(code: str | None) -> OrganisationId | None:
    return None if code is None else OrganisationId(code)


def _details(account: Account) -> AccountDetails:
    return AccountDetails(
        id=account.id,
        name=account.name,
        role=account.role,
        organisation=account.organisation,
        created_at=account.created_at,
    )


def _token(token: ApiToken) -> dict[str, object]:
    return {
        "id": token.id,
        "label": token.label,
        "created_at": token.created_at,
        "last_used_at": token.last_used_at,
    }

"""Signing in and out."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from podium.hall.access import Account
from podium.web.auth import COOKIE, csrf_token
from podium.web.errors import ApiError
from podium.web.gate import principal_of
from podium.web.principal import AccountPrincipal, Principal
from podium.web.services import Services
from podium.web.shapes import AccountShape, SignedIn, SignIn


def account_shape(account: Account) -> AccountShape:
    return AccountShape(
        id=account.id,
        name=account.name,
        role=account.role,
        organisation=account.organisation,
    )


def in_person(principal: Annotated[Principal, Depends(principal_of)]) -> AccountPrincipal:
    """A dependency of the routes that the rules leave to cookies."""
    assert isinstance(principal, AccountPrincipal)
    return principal


Person = Annotated[AccountPrincipal, Depends(in_person)]


def router(services: Services) -> APIRouter:
    routes = APIRouter(prefix="/api/session", tags=["session"])
    ports = services.ports

    @routes.post("")
    async def sign_in(asked: SignIn, request: Request, response: Response) -> SignedIn:
        services.limits.sign_ins.check(f"as {asked.name.casefold()}")
        account = await ports.accounts.verify(asked.name, asked.password)
        if account is None:
            raise ApiError("wrong_password")
        secret = await ports.sessions.open(account.id)
        response.set_cookie(
            COOKIE,
            secret,
            httponly=True,
            samesite="strict",
            secure=services.settings.secure_cookie or request.url.scheme == "https",
        )
        return SignedIn(account=account_shape(account), csrf=csrf_token(secret))

    @routes.get("")
    async def who_am_i(person: Person) -> SignedIn:
        return SignedIn(account=account_shape(person.account), csrf=csrf_token(person.session))

    @routes.delete("", status_code=204)
    async def sign_out(person: Person, response: Response) -> None:
        await ports.sessions.close(person.session)
        services.feeds.expel(
            lambda p: isinstance(p, AccountPrincipal) and p.session == person.session
        )
        response.delete_cookie(COOKIE, httponly=True, samesite="strict")

    return routes

"""Passwords checked for the desk: one at a time, and not without end."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from casework.accounts import Accounts, SignInLocked, SignInRefused
from casework.caseworker import Caseworker
from casework.desk.tries import Tries

log = logging.getLogger("enrum.desk")

Refused, Locked = SignInRefused, SignInLocked


class SigningIn:
    """One at a time: a password takes 64 MiB to check, and tries that are made at once are all counted."""

    def __init__(self, accounts: Accounts, tries: Tries) -> None:
        self._accounts = accounts
        self._tries = tries
        self._turn = asyncio.Lock()

    async def sign_in(self, name: str, password: str, network: str, instead_of: str) -> str:
        """A session token. Raises Refused, Locked."""
        return await self._tried(
            name,
            network,
            lambda: self._accounts.sign_in(name, password, network=network, instead_of=instead_of),
        )

    async def change_password(self, user: Caseworker, current: str, new: str, network: str) -> str:
        """The token of the only session that is left. Raises Refused, Locked, WeakPassword."""
        return await self._tried(
            user.name,
            network,
            lambda: self._accounts.change_password(user, current, new, network=network),
        )

    async def _tried(self, name: str, network: str, check: Callable[[], str]) -> str:
        async with self._turn:
            if self._tries.spent(name, network):
                log.warning("signing in is locked")
                raise Locked
            try:
                return await asyncio.to_thread(check)
            except Refused:
                self._tries.failed(name, network)
                log.warning("signing in was refused")
                raise
            except Locked:
                log.warning("signing in is locked")
                raise

"""The desk's endpoints. Each works through `Accounts` and `HandoverDesk`, off the event loop."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from starlette.routing import Route

from casework.accounts import Accounts
from casework.desk.account_pages import AccountPages
from casework.desk.chat import ChatPages
from casework.desk.contacting import Contacting, Ways
from casework.desk.content_pages import ContentPages, ContentsDesk
from casework.desk.duty_pages import DutyPages
from casework.desk.guard import Page, guarded
from casework.desk.inviting import Inviting, InvitingPages
from casework.desk.language import LanguagePages
from casework.desk.live import Live
from casework.desk.next_steps import NextStepPages
from casework.desk.outside_pages import Outside, OutsidePages
from casework.desk.pages import ItemText, Pages
from casework.desk.queue_pages import QueuePages
from casework.desk.second_step_pages import SecondStepPages
from casework.desk.sheet_pages import SheetPages
from casework.desk.shelf import HOME, Shelf
from casework.desk.sign_in_pages import SignInPages
from casework.desk.signing_in import SigningIn
from casework.desk.static_files import StaticFiles
from casework.desk.table import DESK_ROUTES
from casework.desk.tries import Tries
from casework.handover import HandoverDesk

__all__ = ["desk_routes"]


def desk_routes(
    handovers: HandoverDesk,
    accounts: Accounts,
    content: Mapping[str, Any],
    agency_name: str,
    on_change: Callable[[str], None],
    item_text: ItemText = lambda _instrument, _version, _item: "",
    tries: Tries | None = None,
    ways: Ways | None = None,
    inviting: Inviting | None = None,
    live: Live | None = None,
    shelf: Shelf | None = None,
    admin_words: Mapping[str, Mapping[str, Any]] | None = None,
    offices: Mapping[str, str] | None = None,
    base: str = "",
    outside: Outside | None = None,
    contents: ContentsDesk | None = None,
) -> list[Route]:
    """All routes of DESK_ROUTES; those that invite where `inviting` is given. `admin_words` is desk_admin.yml.

    `content` is data/content/<lang>/desk.yml; `shelf` may have the words in other languages too. `tries` counts
    failures to sign in. `ways` is what the carrier can do for the desk; None where there is none.
    `on_change` gets a conversation's id after a caseworker changed it, on the event loop.
    """
    live, shelf, ways = live or Live(), shelf or Shelf(), ways or Ways()
    pages = Pages(
        {HOME: content, **shelf.languages}, agency_name, item_text, admin_words, outside, invites=inviting is not None
    )
    ticking = handovers.ticking
    chat = ChatPages(handovers, handovers.passing_on, ticking, pages, live, shelf, on_change)
    contacting = Contacting(handovers, pages, on_change, ways, live)
    groups: list[object] = [
        StaticFiles(pages),
        SignInPages(accounts, pages, SigningIn(accounts, tries or Tries())),
        QueuePages(handovers, pages, on_change, contacting, ways, chat, live, shelf),
        chat,
        contacting,
        NextStepPages(handovers, ticking, pages, shelf),
        DutyPages(handovers.duties, pages, shelf, live.ring),
        LanguagePages(pages),
        SecondStepPages(accounts, pages, agency_name),
        AccountPages(accounts, pages, offices or {}, base),
        OutsidePages(outside, pages, base),
        ContentPages(contents, pages),
        SheetPages(contents, pages),
    ]
    if inviting is not None:
        groups.append(InvitingPages(inviting, pages))
    return [
        Route(
            route.path,
            guarded(route, _page(groups, route.name), accounts, pages),
            methods=list(route.methods),
            name=f"desk_{route.name}",
        )
        for route in DESK_ROUTES
        if inviting is not None or not route.invites
    ]


def _page(groups: Iterable[object], name: str) -> Page:
    """The page of that name, in the group that has it."""
    page: Page = next(getattr(group, name) for group in groups if hasattr(group, name))
    return page

"""Every address of the desk, and who may call it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from casework.desk_sessions import CODE, SET_UP
from casework.roles import Task


class MayCall(StrEnum):
    ANYONE = "anyone"
    ONE_TIME_LINK = "one-time link"
    CASEWORKER = "caseworker"
    """Somebody who is signed in and whose role has the task."""


@dataclass(frozen=True)
class DeskRoute:
    """`by_itself`: a page asks for it without the caseworker doing anything, so it does not keep the session awake.

    `needs`: which task a signed-in caller's role must have. `while_waiting`: what a session may still wait for here.
    """

    path: str
    methods: tuple[str, ...]
    may_call: MayCall
    name: str
    by_itself: bool = False
    invites: bool = False
    knows_session: bool = False
    """Open to anyone, but whoever is signed in is known: their forms carry the session's token."""
    needs: Task = Task.HANDOVERS
    while_waiting: tuple[str, ...] = ()


OWN = Task.OWN_ACCOUNT

ACCOUNT_ROUTES = (
    DeskRoute("/desk/accounts", ("GET",), MayCall.CASEWORKER, "accounts", needs=Task.ACCOUNTS),
    DeskRoute("/desk/accounts/invite", ("POST",), MayCall.CASEWORKER, "account_invite", needs=Task.ACCOUNTS),
    DeskRoute(
        "/desk/accounts/links/{id}/withdraw", ("POST",), MayCall.CASEWORKER, "link_withdraw", needs=Task.ACCOUNTS
    ),
    DeskRoute("/desk/accounts/{id}/role", ("POST",), MayCall.CASEWORKER, "account_change", needs=Task.ACCOUNTS),
    DeskRoute("/desk/accounts/{id}/close", ("POST",), MayCall.CASEWORKER, "account_close", needs=Task.ACCOUNTS),
    DeskRoute("/desk/accounts/{id}/reset", ("POST",), MayCall.CASEWORKER, "account_reset", needs=Task.ACCOUNTS),
)

CONTENT_ROUTES = (
    DeskRoute("/desk/contents", ("GET",), MayCall.CASEWORKER, "contents", needs=Task.CONTENTS),
    DeskRoute("/desk/contents/file", ("GET", "POST"), MayCall.CASEWORKER, "content", needs=Task.CONTENTS),
    DeskRoute("/desk/contents/revert", ("POST",), MayCall.CASEWORKER, "content_revert", needs=Task.CONTENTS),
    DeskRoute("/desk/contents/form", ("GET", "POST"), MayCall.CASEWORKER, "sheet", needs=Task.CONTENTS),
    DeskRoute("/desk/contents/roster", ("GET", "POST"), MayCall.CASEWORKER, "roster", needs=Task.CONTENTS),
    DeskRoute("/desk/contents/preview", ("GET",), MayCall.CASEWORKER, "preview", needs=Task.CONTENTS),
)

DESK_ROUTES: tuple[DeskRoute, ...] = (
    DeskRoute("/desk/static/{name}", ("GET",), MayCall.ANYONE, "static"),
    DeskRoute("/desk/first/{token}", ("GET", "POST"), MayCall.ONE_TIME_LINK, "first"),
    DeskRoute("/desk/sign-in", ("GET", "POST"), MayCall.ANYONE, "sign_in"),
    DeskRoute("/desk/outside", ("GET",), MayCall.ANYONE, "outside"),
    DeskRoute("/desk/outside/back", ("GET",), MayCall.ANYONE, "outside_back"),
    DeskRoute("/desk/language/{language}", ("POST",), MayCall.ANYONE, "language", knows_session=True),
    DeskRoute("/desk/sign-out", ("POST",), MayCall.CASEWORKER, "sign_out", needs=OWN, while_waiting=(CODE, SET_UP)),
    DeskRoute("/desk/password", ("GET", "POST"), MayCall.CASEWORKER, "password", needs=OWN),
    DeskRoute("/desk/code", ("GET", "POST"), MayCall.CASEWORKER, "code", needs=OWN, while_waiting=(CODE,)),
    DeskRoute(
        "/desk/second-step", ("GET", "POST"), MayCall.CASEWORKER, "second_step", needs=OWN, while_waiting=(SET_UP,)
    ),
    DeskRoute("/desk", ("GET",), MayCall.CASEWORKER, "queue"),
    DeskRoute("/desk/waiting", ("GET",), MayCall.CASEWORKER, "waiting", by_itself=True),
    DeskRoute("/desk/handover/{id}", ("GET",), MayCall.CASEWORKER, "handover"),
    DeskRoute("/desk/handover/{id}/messages", ("GET",), MayCall.CASEWORKER, "messages", by_itself=True),
    DeskRoute("/desk/handover/{id}/claim", ("POST",), MayCall.CASEWORKER, "claim"),
    DeskRoute("/desk/handover/{id}/take-over", ("POST",), MayCall.CASEWORKER, "take_over"),
    DeskRoute("/desk/handover/{id}/write", ("POST",), MayCall.CASEWORKER, "write"),
    DeskRoute("/desk/handover/{id}/reply", ("POST",), MayCall.CASEWORKER, "reply"),
    DeskRoute("/desk/handover/{id}/writing", ("POST",), MayCall.CASEWORKER, "writing"),
    DeskRoute("/desk/handover/{id}/pass-on", ("POST",), MayCall.CASEWORKER, "pass_on"),
    DeskRoute("/desk/handover/{id}/next", ("GET",), MayCall.CASEWORKER, "next_steps"),
    DeskRoute("/desk/handover/{id}/next/{checklist}", ("POST",), MayCall.CASEWORKER, "tick"),
    DeskRoute("/desk/handover/{id}/report/{checklist}", ("GET",), MayCall.CASEWORKER, "report"),
    DeskRoute("/desk/duty/{id}", ("GET",), MayCall.CASEWORKER, "duty"),
    DeskRoute("/desk/duty/{id}/report", ("GET",), MayCall.CASEWORKER, "duty_report"),
    DeskRoute("/desk/duty/{id}/close", ("POST",), MayCall.CASEWORKER, "duty_close"),
    DeskRoute("/desk/handover/{id}/hand-back", ("POST",), MayCall.CASEWORKER, "hand_back"),
    DeskRoute("/desk/handover/{id}/end", ("POST",), MayCall.CASEWORKER, "end"),
    DeskRoute("/desk/handover/{id}/sms", ("POST",), MayCall.CASEWORKER, "sms"),
    DeskRoute("/desk/handover/{id}/remind", ("POST",), MayCall.CASEWORKER, "remind"),
    DeskRoute("/desk/handover/{id}/call", ("POST",), MayCall.CASEWORKER, "call"),
    DeskRoute("/desk/handover/{id}/call-now", ("GET",), MayCall.CASEWORKER, "call_now", by_itself=True),
    DeskRoute("/desk/handover/{id}/plan", ("POST",), MayCall.CASEWORKER, "plan"),
    DeskRoute("/desk/handover/{id}/lift", ("POST",), MayCall.CASEWORKER, "lift"),
    DeskRoute("/desk/handover/{id}/contacted", ("POST",), MayCall.CASEWORKER, "contacted"),
    DeskRoute("/desk/follow-ups", ("GET", "POST"), MayCall.CASEWORKER, "follow_ups", invites=True),
    DeskRoute("/desk/invite", ("GET", "POST"), MayCall.CASEWORKER, "invite", invites=True),
    DeskRoute("/desk/invite/qr", ("POST",), MayCall.CASEWORKER, "qr", invites=True),
    DeskRoute("/desk/invite/lift", ("POST",), MayCall.CASEWORKER, "lift_and_send", invites=True),
    *ACCOUNT_ROUTES,
    *CONTENT_ROUTES,
)

"""The desk: the pages where signed-in caseworkers see and answer those who asked for a human."""

from __future__ import annotations

from casework.desk.routes import desk_routes
from casework.desk.table import DESK_ROUTES, DeskRoute, MayCall

__all__ = ["DESK_ROUTES", "DeskRoute", "MayCall", "desk_routes"]

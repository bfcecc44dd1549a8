"""New contents and contacts in a running program: put where everybody already looks, in one step of the event loop."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import fields

from bot import data_files
from casework.edits import Edits
from screening.catalogue.agency import stricter
from screening.catalogue.content import Content
from screening.catalogue.load import Catalogue

log = logging.getLogger("enrum.contents")
LIVE = ("language", "texts", "choices", "cards", "page")
"""Of a language. Words of phone, SMS and desk were taken in at start: they count from the next one."""


LIVE_OF_AGENCY = ("hours", "closed_days", "desk")
"""When it is open, and how many are to be there. Of its rules only what is stricter counts at once: a conversation that goes on
may only get safer. The rest counts from the next start."""


def take_over(catalogue: Catalogue, fresh: Catalogue) -> None:
    """Let `catalogue`, which everybody holds, say what `fresh` says. Not to be awaited in: nobody sees half of it."""
    for locale, content in fresh.languages.items():
        held = catalogue.languages.setdefault(locale, content)
        for name in LIVE:
            setattr(held, name, getattr(content, name))
    for name, agency in fresh.agencies.items():
        if name in catalogue.agencies:
            kept = catalogue.agencies[name]
            said = {field: getattr(agency, field) for field in LIVE_OF_AGENCY}
            catalogue.agencies[name] = kept.model_copy(update={**said, "gate": stricter(kept.gate, agency.gate)})
    catalogue.national = fresh.national
    catalogue.regions = fresh.regions


class Reloading:
    """Notices changes that another process saved. If one cannot be used, what was there before stays."""

    def __init__(self, catalogue: Catalogue, edits: Edits) -> None:
        self._catalogue = catalogue
        self._edits = edits
        self._newest = edits.newest()

    def saved(self, fresh: Catalogue) -> None:
        """This process saved a change."""
        self._newest = self._edits.newest()
        take_over(self._catalogue, fresh)

    async def look(self) -> None:
        newest = await asyncio.to_thread(self._edits.newest)
        if newest == self._newest:
            return
        self._newest = newest
        try:
            fresh = await asyncio.to_thread(data_files.catalogue_now, self._edits)
        except (data_files.BadData, OSError, ValueError) as error:
            log.error("changed contents cannot be used", extra={"error": type(error).__name__})
            return
        take_over(self._catalogue, fresh)


assert set(LIVE) <= {field.name for field in fields(Content)}

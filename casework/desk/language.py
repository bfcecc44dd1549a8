"""The language of the desk in this browser. It has nothing to do with the language of the person."""

from __future__ import annotations

from starlette.responses import RedirectResponse, Response

from casework.desk import cookies
from casework.desk.forms import LanguageForm
from casework.desk.guard import Call
from casework.desk.pages import Pages


class LanguagePages:
    def __init__(self, pages: Pages) -> None:
        self._pages = pages

    async def language(self, call: Call) -> Response:
        """Choose one, and go back to the page that it was chosen on."""
        form = await call.form(LanguageForm)
        back = form.data["back"] or ""
        ours = back == "/desk" or back.startswith("/desk/")
        response = RedirectResponse(back if ours else "/desk", status_code=303)
        wanted = call.request.path_params["language"]
        if wanted in self._pages.languages:
            cookies.write(response, call.request, cookies.LANGUAGE, wanted)
        return response

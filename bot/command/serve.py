"""`enrum serve`: the page, the API, the phone and the desk, in one process."""

from __future__ import annotations

import socket
import sys
from collections.abc import Sequence

import click

from bot.command.start import progress_on_stderr, settings_or_exit
from bot.settings import BadSetting, Settings, agency_secret


@click.command()
def command() -> None:
    """Serve. Trains at first start, then prints where to click. Settings come from the environment (README)."""
    serve(settings_or_exit())


def serve(settings: Settings) -> None:
    """Build everything, say where it is, serve until stopped. Errors at start are one line each, without a traceback."""
    from bot.composition import UnknownAgency, build, outside_of
    from bot.data_files import BadData
    from bot.engine.training import TrainingFailed
    from bot.ways_out import messenger_of
    from casework.keys import BadKeyFile
    from casework.roles import Role
    from casework.unavailable import Unavailable

    try:
        with progress_on_stderr() as progress:
            house = build(settings, progress=progress)
    except BadData as bad:
        for fault in bad.faults:
            click.echo(f"data/{fault}", err=True)
        raise click.ClickException("the data files have errors; `enrum check` lists them") from None
    except (UnknownAgency, TrainingFailed, BadKeyFile, BadSetting, Unavailable) as error:
        raise click.ClickException(str(error)) from None

    try:
        agency_secret(settings)
        outside_of(settings, house.records)
        messenger_of(settings, house.records, house.agency, house.catalogue.desk_admin["sv"]["out"], house.now)
    except BadSetting as error:
        raise click.ClickException(str(error)) from None

    import resource

    import uvicorn

    from bot.web.application import application

    base = settings.public_url.rstrip("/") or f"http://{_shown(settings.host)}:{settings.port}"
    link = house.accounts.first_link(house.now())
    _tell([f"The applicant's page:  {base}/", f"The desk:              {base}/desk"])
    if link is not None:
        _tell(["", "No caseworker has an account yet. This link makes the first one. It works once, for 24 hours:"])
        _tell([f"  {base}/desk/first/{link}"])
        _tell(["And this one an administrator, who invites the others in the desk:"])
        _tell([f"  {base}/desk/first/{house.accounts.link(Role.ADMINISTRATOR)}"])
    # A crash must not write the memory of this process, with what people said, to a file.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    config = uvicorn.Config(
        application(house),
        # `bot.logs` has said how lines are written.
        log_config=None,
        # No access log: a line a request, with times and addresses, would say who talked and when.
        access_log=False,
        ws="none",
        log_level="warning",
        server_header=False,
        proxy_headers=bool(settings.proxies),
        # Named, so that uvicorn asks no environment variable of its own.
        forwarded_allow_ips=settings.proxies,
        timeout_graceful_shutdown=3,
    )
    uvicorn.Server(config).run(sockets=[_listen(settings)])


def _listen(settings: Settings) -> socket.socket:
    """Where to be reached. An address that cannot be had is one line."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        return socket.create_server((settings.host, settings.port), family=family, backlog=2048)
    except OSError as error:
        said = f"cannot listen on {settings.host} port {settings.port}: {error.strerror}"
        raise click.ClickException(said) from None


def _tell(lines: Sequence[str]) -> None:
    for line in lines:
        click.echo(line)
    sys.stdout.flush()


def _shown(host: str) -> str:
    return "localhost" if host in ("127.0.0.1", "0.0.0.0", "::") else host  # noqa: S104 - only shown

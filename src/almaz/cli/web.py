"""The site: start it, make its first administrator, back it up and bring it back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from almaz.cli.app import Language, app, out, spoken, tell
from almaz.errors import AlmazError
from almaz.language import text as _
from almaz.language import use

Home = Annotated[Path, typer.Option("--home", help="Folder that holds what the site keeps.")]
Database = Annotated[
    str | None,
    typer.Option(
        "--database", help="Address of a PostgreSQL database; without one, SQLite in the folder.", show_default=False
    ),
]


@app.command()
def serve(
    home: Home = Path("almaz-home"),
    database: Database = None,
    host: Annotated[str, typer.Option("--host", help="Address to listen on; 0.0.0.0 for all.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", help="Port to listen on.")] = 8000,
    workers: Annotated[int, typer.Option("--workers", help="Processes that answer requests.", min=1)] = 2,
    editions: Annotated[
        Path | None,
        typer.Option("--editions", help="Folder of editions to publish before starting.", show_default=False),
    ] = None,
    language: Language = None,
) -> None:
    """Start the web application: observatory, workspace and the workers for letters and long jobs."""
    from almaz.web import serve as site
    from almaz.web.swap import serving

    with use(spoken(language)):
        site.ready(home, database)
        with serving(home):
            _served(host, port, workers, editions)


def _served(host: str, port: int, workers: int, editions: Path | None) -> None:
    from almaz.web import serve as site

    site.prepare(tell)
    if editions is not None:
        for name in site.published(editions, tell):
            out.print(_("published: {name}", name=name))
    address, first = f"http://{site.local(host)}:{port}", site.first_address()

    def listening() -> None:
        if first:
            out.print(_("There is no administrator yet. Make one within a day at:"))
            out.print(f"{address}{first}", soft_wrap=True)
        out.print(_("Almaz listens on {address}. Stop it with Ctrl+C.", address=f"{address}/"))

    raise typer.Exit(site.serve(host, port, workers, listening))


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="ZIP file to write.")],
    home: Home = Path("almaz-home"),
    database: Database = None,
    language: Language = None,
) -> None:
    """Write all that the site holds into one file; the site may go on working."""
    from almaz.web import serve as site

    with use(spoken(language)):
        site.ready(home, database)
        from almaz.web.backup import backup as write

        out.print(str(write(file, tell)), soft_wrap=True)


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file that «almaz backup» wrote.")],
    home: Home = Path("almaz-home"),
    database: Database = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Put it in the place of what is there, which is kept beside.")
    ] = False,
    language: Language = None,
) -> None:
    """Bring the site back from a back-up, into a new folder or, with --replace, in the place of what is there."""
    from contextlib import nullcontext

    from almaz.web import serve as site
    from almaz.web.backup import restore as bring_back
    from almaz.web.swap import serving

    def load(fresh: Path) -> None:
        site.ready(fresh, database)
        site.migrated(tell)

    with use(spoken(language)), serving(home) if home.is_dir() else nullcontext():
        before = bring_back(file, home, load, replace=replace, tell=tell)
        if before is not None:
            out.print(_("what was there before is in {path}", path=before), soft_wrap=True)
        out.print(str(home.resolve()), soft_wrap=True)


@app.command()
def administrator(
    email: Annotated[str, typer.Argument(help="E-mail address to sign in with.")],
    name: Annotated[str, typer.Option("--name", help="Name of the person.")] = "",
    password: Annotated[
        str,
        typer.Option(
            "--password",
            help="Password; asked for if not given.",
            prompt=True,
            hide_input=True,
            confirmation_prompt=True,
        ),
    ] = "",
    home: Home = Path("almaz-home"),
    database: Database = None,
    language: Language = None,
) -> None:
    """Make an administrator of the site, or give one a new password."""
    from almaz.web import serve as site

    with use(spoken(language)):
        site.ready(home, database)
        site.migrated(tell)
        from django.contrib.auth.password_validation import validate_password
        from django.core.exceptions import ValidationError

        from almaz.web.accounts.models import User

        user = User.objects.filter(email=email.lower()).first() or User(email=email.lower(), name=name or email)
        try:
            validate_password(password, user)
            user.full_clean(exclude=("password",))
        except ValidationError as why:
            raise AlmazError(" ".join(why.messages)) from None
        user.is_superuser, user.name = True, name or user.name
        user.set_password(password)
        user.save()
        out.print(_("{email} is an administrator.", email=user.email))

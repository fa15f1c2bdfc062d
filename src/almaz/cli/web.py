"""The site: start it, make its first administrator."""

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
    language: Language = None,
) -> None:
    """Start the web application: observatory, workspace and the worker for long jobs."""
    from almaz.web import serve as site

    with use(spoken(language)):
        site.ready(home, database)
        site.prepare(tell)
        out.print(_("Almaz listens on {address}. Stop it with Ctrl+C.", address=f"http://{host}:{port}/"))
        raise typer.Exit(site.serve(host, port, workers))


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
        site.prepare(tell)
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

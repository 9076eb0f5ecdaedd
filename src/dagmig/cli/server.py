"""``dagmig server``: the linter in an editor, over the Language Server Protocol."""

from __future__ import annotations

import click


@click.command(name="server")
def command() -> None:
    """Serve an editor on standard input and output (the Language Server Protocol).

    Findings as you type, quick fixes, and a rule's page where the mouse rests. Needs `dagmig[server]`.
    """
    try:
        from dagmig.cli.lsp.serve import serve
    except ModuleNotFoundError as error:
        raise click.ClickException(f"{error.name} is not installed: pip install 'dagmig[server]'") from error
    serve()

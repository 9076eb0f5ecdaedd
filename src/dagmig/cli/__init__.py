"""The command line: each command in a file of its own, imported when it is called."""

from __future__ import annotations

import errno
import gc
import importlib
import io
import os
import sys
from typing import TextIO

import click

from dagmig import __version__

COMMANDS = {
    "assess": "Say what moving whole folders takes, before anything is moved.",
    "baseline": "Write down the findings there are, so that only new ones are printed.",
    "convert": "Convert a DAG to a state machine, or a state machine to a DAG.",
    "explain": "Explain a lint rule: what, why, an example, what to do instead.",
    "fmt": "Write state machines in one layout.",
    "graph": "Print the graph of DAG files as JSON, Mermaid or DOT.",
    "integrations": "List the operators and states dagmig translates.",
    "lint": "Check DAG files and state machines against the rules.",
    "rules": "List the lint rules.",
    "server": "Serve an editor: findings as you type, quick fixes, pages of rules.",
    "verify": "Run DAGs and their machines with every outcome, and compare.",
}

RARELY = 100_000  # objects made between two collections: what a command imports and reads stays till it ends


class LazyGroup(click.Group):
    """A group that knows its commands' names and summaries without importing them (start-up time)."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"dagmig.cli.{name}").command
        return command

    def invoke(self, ctx: click.Context) -> object:
        """Output that cannot be written (a full disk) is said, not a traceback; click knows closed pipes."""
        for stream in (sys.stdout, sys.stderr):
            _speak_utf8(stream)
        gc.set_threshold(RARELY, 50, 50)
        try:
            return super().invoke(ctx)
        except OSError as error:
            if error.errno == errno.EPIPE:
                raise
            raise click.ClickException(f"cannot write the output: {error.strerror}") from error

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(sorted(COMMANDS.items()))


def _speak_utf8(stream: TextIO) -> None:
    """Files and pipes get UTF-8, terminals what they can show: no name of a state is too foreign to print."""
    if not isinstance(stream, io.TextIOWrapper):
        return
    if not stream.isatty() and "PYTHONIOENCODING" not in os.environ:
        stream.reconfigure(encoding="utf-8")
    stream.reconfigure(errors="backslashreplace")


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="dagmig", message="%(prog)s %(version)s")
def main() -> None:
    """Lint, and convert between, Apache Airflow DAGs and AWS Step Functions state machines."""

"""The command line: a command reads its arguments, calls one thing and prints what comes."""

from __future__ import annotations

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engine import cli_start
from engine.cli_options import Events, Fix, Json, Members, Month, Rules, Say, Until
from engine.cli_output import (
    FilesError,
    complain,
    counted,
    example_text,
    example_values,
    files_error,
    placed,
    stopped_by,
    tell,
    tell_json,
    working,
)
from engine.data.error import DataError
from engine.language import rules

if TYPE_CHECKING:
    from engine.language.program import Program

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="Loyalty as code: rules and events go in, an exact, explainable ledger comes out.",
)


def main() -> None:
    """Runs one command. What is wrong with the user's files is told in their words: exit code 1."""
    try:
        typer.main.get_command(app)(prog_name="perkbook")
    except (FilesError, DataError, OSError) as error:
        stopped = files_error(error)
        if "--json" in sys.argv:
            tell_json({"problems": stopped.problems})
        complain(stopped.text)
    except Exception as error:
        if os.environ.get("PERKBOOK_TRACEBACK"):
            raise
        complain(f"A mistake of Perkbook's own, not of your files: {type(error).__name__}: {error}")
        complain("Please report it. With PERKBOOK_TRACEBACK=1 the command says where it happened.")
    finally:
        cli_start.leave()
    sys.exit(1)


@app.command()
def check(
    folder: Rules = "rules", say: Say = None, fix: Fix = False, as_json: Json = False
) -> None:
    """Read the rules; print all problems and warnings."""
    from engine import cli_check

    raise typer.Exit(cli_check.run(folder, say, fix=fix, as_json=as_json))


@app.command("test")
def run_examples(folder: Rules = "rules", as_json: Json = False) -> None:
    """Run the examples that stand in the rules."""
    program = _program(folder)
    from engine.machine import examples

    _prepare()
    with working("running the examples"):
        results = examples.run(program)
    failed = [result for result in results if not result.passed]
    if as_json:
        values = [example_values(result, folder) for result in failed]
        tell_json({"passed": len(results) - len(failed), "failed": values})
        raise typer.Exit(1 if failed else 0)
    for result in failed:
        tell(example_text(result, folder))
    tell(f"{counted(len(results) - len(failed), 'example')} passed, {len(failed)} failed.")
    raise typer.Exit(1 if failed else 0)


@app.command()
def replay(
    folder: Rules = "rules",
    members: Members = None,
    events: Events = None,
    *,
    out: Annotated[str, typer.Option(metavar="DIR", help="Where the ledger goes.")],
    until: Until = None,
    partition_by: Month = None,
    state: Annotated[
        str | None,
        typer.Option(metavar="DIR", help="Keep what was read here; next time name only new files."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Replay history through the rules: events in, ledger out."""
    program = _program(folder)
    from engine.data import kept
    from engine.machine import replay as machine

    new = (members, events)
    if state is not None:
        members, events = kept.joined(Path(state), members, events)
    _prepare()
    with working("replaying"):
        written = machine.to_files(program, out, members, events, until, partition_by=partition_by)
        if state is not None:
            kept.keep(Path(state), *new)
    if written.summary["rejected"] and not written.summary["events"]:
        complain(f"Not one event could be read; {out}/rejected.csv says why.")
    if as_json:
        tell_json(written.summary)
        return
    from engine import reports

    ledger = f"{out}/ledger" if partition_by else f"{out}/ledger.parquet"
    tell(reports.replay_text(program, written, ledger))


@app.command()
def explain(
    folder: Rules = "rules",
    members: Members = None,
    events: Events = None,
    *,
    member: Annotated[str, typer.Option(metavar="M", help="Whose points.")],
    event: Annotated[str | None, typer.Option(metavar="E", help="One event of his.")] = None,
    until: Until = None,
    as_json: Json = False,
) -> None:
    """Explain why a member has this many points, and why not more."""
    program = _program(folder)
    with cli_start.loading():
        from engine.data import one_member

    with working("explaining"):
        with cli_start.loading(), ThreadPoolExecutor(1) as other:
            # What is compiled takes as long to load as the files to read.
            reading = other.submit(one_member.read, program, members, events, member, until)
            from engine import cli_explain
            from engine.machine import explain as machine
            from engine.machine import folding

            folding.load(program.zone)
            own = reading.result()
        told = machine.explained(program, own, member, event, until)
    if as_json:
        tell_json(cli_explain.values(told, program, folder))
    else:
        tell(cli_explain.text(told, program, folder))


@app.command()
def tree(
    member: Annotated[str, typer.Argument(metavar="ID", help="With whom the branch begins.")],
    folder: Rules = "rules",
    members: Members = None,
    events: Events = None,
    *,
    until: Until = None,
    depth: Annotated[
        int | None, typer.Option(min=0, metavar="N", help="How many steps down it goes.")
    ] = None,
    mermaid: Annotated[bool, typer.Option("--mermaid", help="Print a Mermaid graph.")] = False,
    as_json: Json = False,
) -> None:
    """Show whom a member has brought, whom they have, and what that gave."""
    program = _program(folder)
    from engine import cli_tree
    from engine.machine import branch
    from engine.machine import replay as machine

    _prepare()
    with working("replaying"):
        found = branch.of(machine.run(program, members, events, until), member, depth)
    if as_json:
        tell_json(cli_tree.values(found, program))
    else:
        tell(cli_tree.mermaid(found) if mermaid else cli_tree.text(found, program))


@app.command()
def draw(
    entry: Annotated[str, typer.Argument(metavar="ENTRY", help="A spin: its event or its grant.")],
    folder: Rules = "rules",
    members: Members = None,
    events: Events = None,
    until: Until = None,
    as_json: Json = False,
) -> None:
    """Draw a spin again: its salt and number, the prizes with their bounds, what was left."""
    program = _program(folder)
    from engine import cli_draw
    from engine.machine import redraw

    _prepare()
    with working("drawing"):
        told = redraw.spin(program, members, events, entry, until)
    if as_json:
        tell_json(cli_draw.values(told, program, folder))
    else:
        tell(cli_draw.text(told, program, folder))


@app.command()
def inspect(
    files: Annotated[list[str], typer.Argument(metavar="FILE...", help="Your files or folders.")],
    out: Annotated[str, typer.Option(metavar="DIR", help="Where the rules go.")] = "rules",
    as_json: Json = False,
) -> None:
    """Guess from your own files which column is what, and write a first set of rules."""
    from engine import cli_inspect

    folder = Path(out)
    cli_inspect.refuse_rules(folder)
    with working("looking at the files"):
        found = cli_inspect.look(files, folder)
    if found.trial is not None:
        cli_inspect.write(found, folder)
    if as_json:
        tell_json(cli_inspect.values(found))
    else:
        tell(cli_inspect.text(found))
        if found.trial is None:
            complain(cli_inspect.missing_text(found))
    raise typer.Exit(0 if found.trial is not None else 1)


@app.command("schema")
def print_schema(as_json: Json = False) -> None:
    """Print the JSON Schema of rules files, for completion and marks in an editor."""
    from engine.language import schema

    tell_json(schema.schema())


@app.command()
def sample(
    members: Annotated[int, typer.Option(min=1, metavar="N", help="How many members.")],
    events: Annotated[int, typer.Option(min=0, metavar="M", help="How many rows of events.")],
    out: Annotated[str, typer.Option(metavar="DIR", help="Where the two files go.")],
    seed: Annotated[int, typer.Option(help="The same seed gives the same bytes.")] = 1,
    as_json: Json = False,
) -> None:
    """Make sample data of any size: members.csv and events.csv."""
    from engine.data import sample as samples

    with working("making the sample"):
        paths = samples.make(members, events, out, seed)
    if as_json:
        tell_json({path.stem: path.as_posix() for path in paths})
    else:
        for path in paths:
            tell(path.as_posix())


@app.command("prepare")
def compile_machine(as_json: Json = False) -> None:
    """Compile the machine, which is needed once and takes about a minute."""
    _prepare()
    if as_json:
        tell_json({"ready": True})
    else:
        tell("The machine is ready.")


def _prepare() -> None:
    """Compiles the machine where that was not done before, and shows how far it is."""
    from engine.machine import replay as machine

    with working("compiling the machine, once") as report:
        machine.prepare(report)


def _program(folder: str) -> Program:
    """The program of a folder; stops with all problems where it has any."""
    reading = rules.read(folder)
    if reading.program is None:
        wrong = [p for p in reading.problems if p.severity == "error"]
        raise stopped_by(placed(wrong, folder), reading.texts)
    return reading.program

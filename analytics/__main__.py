"""The command line: `python -m analytics …`; everything it reads and writes lies under UNBOUGHT_HOME.

Commands import their workflow when they run, so that `--help` and a refused argument answer at once.
"""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from analytics import console, logs
from data.errors import UnboughtError
from data.home import Home

app = typer.Typer(
    name="unbought",
    help="A review desk for bought engagement: find it, explain it, remove only what the service did.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Json = Annotated[bool, typer.Option("--json", help="One JSON object on standard output, no bars.")]
DEMO_SEED = 7
# What every random generator of the product takes.
LARGEST_SEED = 2**31 - 1
# Below this a bench world has nothing to find, and a ratio says nothing.
SMALLEST_BENCH = 1_000
# Every fault of a command line; the library gives a name only to some of them.
WRONG_USAGE: Any = typer.BadParameter.__base__


class ExportName(StrEnum):
    FLAGS = "flags"
    ENGAGEMENTS = "engagements"
    SERVICES = "services"
    STATEMENTS = "statements"


def home() -> Home:
    """The folder that holds everything of this installation."""
    return Home(Path(os.environ.get("UNBOUGHT_HOME") or "data/local"))


def now() -> datetime:
    return datetime.now(UTC)


@app.command()
def demo(
    seed: Annotated[int, typer.Option(help="Another seed makes another world.", min=0, max=LARGEST_SEED)] = DEMO_SEED,
    if_empty: Annotated[bool, typer.Option("--if-empty", help="Do nothing when a log is loaded already.")] = False,
    as_json: Json = False,
) -> None:
    """Generate a synthetic world, load it, detect, open cases, and add the demo people."""
    if if_empty and home().newest_run() is not None and not home().unfinished_demo.exists():
        return
    # Only here: what builds a world takes seconds to import, which every later start would pay.
    from analytics.workflows.demo import build_demo

    with console.progress("Building the demo world", quiet=as_json) as report:
        summary = build_demo(home(), seed=seed, now=now(), progress=report)
    console.answer(summary, as_json=as_json, sentence=summary.sentence)


@app.command()
def ingest(
    paths: Annotated[list[Path], typer.Argument(help="A folder or files: Parquet, CSV or JSONL.")],
    mapping: Annotated[Path | None, typer.Option(help="TOML that renames columns and fixes constants.")] = None,
    skip_bad_rows: Annotated[
        bool, typer.Option("--skip-bad-rows", help="Load the usable rows and count the others.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Validate a log and load it into a new snapshot; a bad file is refused whole and nothing changes."""
    from analytics.workflows.ingest import ingest as run_ingest

    with console.progress("Loading", quiet=as_json) as report:
        done = run_ingest(home(), paths, mapping=mapping, skip_bad_rows=skip_bad_rows, now=now(), progress=report)
    console.answer(done, as_json=as_json, sentence=done.sentence)


@app.command()
def detect(
    retrain: Annotated[bool, typer.Option("--retrain", help="Learn from labels and decisions first.")] = False,
    seed: Annotated[int, typer.Option(help="Seed of every random choice.", min=0, max=LARGEST_SEED)] = 0,
    as_json: Json = False,
) -> None:
    """Score the newest snapshot, explain the queue and open cases."""
    from analytics.workflows.cases import open_cases
    from analytics.workflows.detect import detect as run_detect
    from data.ledger import Ledger

    with console.progress("Detecting", quiet=as_json) as report:
        run = run_detect(home(), now=now(), seed=seed, retrain=retrain, progress=lambda p, what: report(0.9 * p, what))
        report(0.92, "opening cases")
        opened = open_cases(home(), Ledger.open(home()), now=now())
    flagged = run.counts.get("queued", 0)
    console.answer(
        {"run": run, "cases_opened": opened},
        as_json=as_json,
        sentence=f"Run {run.run_id}: {flagged:,} accounts flagged, {run.counts.get('remove', 0):,} engagements in the "
        f"remove band, {opened:,} cases opened.",
    )


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(envvar="UNBOUGHT_PORT", help="0 takes a free one.")] = 8501,
) -> None:
    """Start the web app and the worker; Ctrl-C stops both."""
    from analytics.workflows.serve import serve as run_serve

    raise typer.Exit(run_serve(home(), host=host, port=port))


@app.command()
def work() -> None:
    """Run the worker alone: deliver, expire leases, detect on a schedule."""
    from analytics.workflows.work import work as run_work

    raise typer.Exit(run_work(home()))


@app.command()
def export(
    what: Annotated[ExportName, typer.Argument(help="Which table.")],
    out: Annotated[Path, typer.Argument(help="The file to write: Parquet, for statements JSON.")],
    as_json: Json = False,
) -> None:
    """Write one of the files that other programs read."""
    from analytics.workflows import export as exports

    writers = {
        ExportName.FLAGS: exports.export_flags,
        ExportName.ENGAGEMENTS: exports.export_engagements,
        ExportName.SERVICES: exports.export_services,
        ExportName.STATEMENTS: exports.export_statements,
    }
    with console.progress(f"Exporting {what.value}", quiet=as_json):
        rows = writers[what](home(), out)
    console.answer({"rows": rows, "path": str(out)}, as_json=as_json, sentence=f"{rows:,} rows written to {out}.")


@app.command()
def submit(
    with_refused: Annotated[bool, typer.Option("--with-refused", help="Try those again that were refused.")] = False,
    as_json: Json = False,
) -> None:
    """Send final statements of reasons to the database at UNBOUGHT_STATEMENTS_URL; what is left is a non-zero exit."""
    from analytics.workflows.submit_statements import submit as run_submit

    with console.progress("Submitting statements", quiet=as_json):
        report = run_submit(home(), now=now, with_refused=with_refused)
    console.answer(report, as_json=as_json, sentence=report.sentence)
    raise typer.Exit(0 if report.is_done else 1)


@app.command()
def evaluate(
    truth: Annotated[Path, typer.Option(help="Folder with truth_engagements.parquet and truth_accounts.parquet.")],
    as_json: Json = False,
) -> None:
    """Compare the newest run with truth tables and print the quality table."""
    from analytics.workflows.evaluate import evaluate as run_evaluate

    with console.progress("Evaluating", quiet=as_json):
        quality = run_evaluate(home(), truth)
    if as_json:
        console.answer(quality, as_json=True)
    else:
        console.table("Quality", ("measure", "value", "95 % interval"), quality.rows())


@app.command()
def train(
    seeds: Annotated[int, typer.Option(help="At most so many worlds of each maker.", min=1)] = 100,
    as_json: Json = False,
) -> None:
    """Train the shipped model anew on synthetic worlds."""
    from analytics.workflows.makers import MAKERS, some_of
    from analytics.workflows.train import train_shipped_model

    with console.progress("Training", quiet=as_json) as report:
        card = train_shipped_model(makers=some_of(MAKERS, seeds), progress=report)
    console.answer(card, as_json=as_json, sentence=f"Model {card['model_version']} written.")


@app.command()
def quality(as_json: Json = False) -> None:
    """Measure detection on standard worlds, one family of services left out in turn; writes docs/quality.md."""
    from analytics.workflows.quality import write_quality_page

    with console.progress("Measuring quality", quiet=as_json) as report:
        path = write_quality_page(Path("docs/quality.md"), progress=report)
    console.answer({"path": str(path)}, as_json=as_json, sentence=f"Written to {path}.")


@app.command()
def verify(as_json: Json = False) -> None:
    """Check the audit chain and the ledger's invariants; any fault is a non-zero exit."""
    from analytics.workflows.audit import verify as run_verify

    report = run_verify(home())
    console.answer(report, as_json=as_json, sentence=report.sentence)
    raise typer.Exit(0 if report.is_sound else 1)


@app.command()
def backup(folder: Path, as_json: Json = False) -> None:
    """Copy the ledger while it is in use."""
    from analytics.workflows.backup import backup as run_backup

    path = run_backup(home(), folder, now=now())
    console.answer({"path": str(path)}, as_json=as_json, sentence=f"Ledger copied to {path}.")


@app.command()
def restore(folder: Path, as_json: Json = False) -> None:
    """Put a copied ledger back in place and verify it."""
    from analytics.workflows.backup import restore as run_restore

    path = run_restore(home(), folder)
    console.answer({"path": str(path)}, as_json=as_json, sentence=f"Ledger restored from {path} and verified.")


@app.command()
def appeal(decision_id: str, text: str, as_json: Json = False) -> None:
    """Take in an account holder's complaint about a decision."""
    from analytics.workflows.appeals import file_appeal

    receipt = file_appeal(home(), decision_id=decision_id, text=text, channel="command", now=now())
    console.answer(receipt, as_json=as_json, sentence=receipt.message)


@app.command()
def admit(subject: str, name: str, as_json: Json = False) -> None:
    """Let the first administrator in, by their login at the identity provider."""
    from analytics.workflows.people import admit_first
    from data.ledger import Ledger

    person_id = admit_first(Ledger.open(home()), name=name, subject=subject, now=now())
    console.answer({"person_id": person_id}, as_json=as_json, sentence=f"{name} may sign in as administrator.")


@app.command()
def break_glass(
    login: str,
    reason: Annotated[str, typer.Option(help="Why the identity provider cannot be asked; kept for ever.")],
    as_json: Json = False,
) -> None:
    """Let one named person in past the identity provider; an alarm stands until somebody else has looked."""
    from analytics.workflows.break_glass import break_glass as let_in
    from data.ledger import Ledger

    code = let_in(Ledger.open(home()), subject=login, reason=reason, now=now())
    told = f"Paste this on the sign-in page within fifteen minutes; it is not shown again:\n{code}"
    console.answer({"code": code}, as_json=as_json, sentence=told)


@app.command()
def status(as_json: Json = False) -> None:
    """Say what is loaded, how old it is and what waits."""
    from analytics.workspace import Workspace

    told = Workspace.open(home().root).operations.status()
    console.answer(told, as_json=as_json, sentence=told.sentence)


@app.command()
def bench(
    engagements: Annotated[int, typer.Option(help="Rows of the bench world.", min=SMALLEST_BENCH)] = 1_000_000,
    as_json: Json = False,
) -> None:
    """Measure the whole line as ratios to bare DuckDB in the same run."""
    from analytics.workflows.bench import run_bench

    with console.progress("Measuring", quiet=as_json) as report:
        lines = run_bench(engagements=engagements, progress=report)
    if as_json:
        console.answer(lines, as_json=True)
    else:
        console.table(
            "Measured", ("work", "seconds", "reference", "ratio", "peak MB"), [line.cells() for line in lines]
        )


def main() -> int:
    """Run the command line; every expected failure is one plain sentence and exit code 2."""
    logs.configure()
    as_json = "--json" in sys.argv
    try:
        # For people the library draws a box around what is wrong with the command itself; for machines we say it.
        ended = app(standalone_mode=not as_json)
    except UnboughtError as error:
        return console.refuse(error, as_json=as_json)
    except WRONG_USAGE as error:
        return console.refuse(UnboughtError(f"{error.format_message().rstrip('.')}.", "See --help."), as_json=as_json)
    except KeyboardInterrupt:
        return 130
    except SystemExit as stopped:
        return stopped.code if isinstance(stopped.code, int) else int(bool(stopped.code))
    return ended if isinstance(ended, int) else 0


if __name__ == "__main__":
    sys.exit(main())

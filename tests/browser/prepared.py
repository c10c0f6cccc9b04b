"""A home after two days of work: the demo's world with hostile names, open cases, some decisions, fast delivery."""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl

from analytics.workflows.cases import open_cases
from analytics.workflows.detect import detect
from analytics.workflows.ingest import ingest
from analytics.workflows.people import add_demo_people
from data.home import Home
from data.ledger import Ledger
from data.synthetic import WorldSpec, generate
from tests.browser.past import decide_some

SEED = 7
AGE = timedelta(days=2)
# Nothing is tied to a trigger here, so removals need not be hidden among others; tests wait for them.
DELIVERY = """
[removal]
delay_seconds = 0
jitter_seconds = 0
[retry]
base_seconds = 0.05
cap_seconds = 0.5
"""
# What an account may call itself; every fifth suspected account of the prepared world does.
HOSTILE_NAMES = (
    "<script>document.title='taken'</script>",
    "<img src=x onerror=\"document.title='taken'\">",
    "![pixel](https://pixel.invalid/a.png) [win](https://win.invalid)",
    "anna\u202egnp.exe\u200b\u200b",
    "z" + "\u0301" * 10_000,
    "\u2066{{7*7}} ${x} %s\u2069",
    ":material/delete: $x^2$ **bold** `code`",
    "=HYPERLINK(0)",
    "<a href='https://win.invalid'>S</a><b>bold</b>",
    "HTTP://win.invalid www.win.invalid/x win@post.invalid",
)
HOSTILE_COMMENTS = (
    "![hi](https://pixel.invalid/b.png)",
    "<img src=https://pixel.invalid/c.png>",
    "[click](javascript:alert(1))",
)


def prepare(folder: Path) -> Path:
    """Build the home once per session; UNBOUGHT_PREPARED_HOME names one that is kept between sessions."""
    kept = os.environ.get("UNBOUGHT_PREPARED_HOME", "")
    if not kept:
        return build(folder)
    if not Path(kept).exists():
        keep(Path(kept))
    shutil.copytree(kept, folder)
    return folder


def keep(to: Path) -> None:
    """Build beside and move there whole; of two that build at the same time the first is kept."""
    with tempfile.TemporaryDirectory(dir=to.parent) as place:
        built = build(Path(place) / "home")
        with suppress(OSError):
            built.rename(to)


def build(folder: Path) -> Path:
    folder.mkdir(parents=True)
    (folder / "delivery.toml").write_text(DELIVERY)
    home, then = Home(folder), datetime.now(UTC) - AGE
    ledger = Ledger.open(home)
    add_demo_people(ledger, now=then)
    with tempfile.TemporaryDirectory() as place:
        world = Path(place)
        generate(WorldSpec.demo(SEED), world, quietly)
        make_hostile(world)
        ingest(home, [world], now=then, progress=quietly)
    detect(home, now=then, seed=SEED, progress=quietly)
    open_cases(home, ledger, now=then)
    ledger.close()
    decide_some(folder, then + timedelta(minutes=20))
    return folder


def make_hostile(world: Path) -> None:
    """Give suspected accounts hostile names and their comments hostile texts."""
    customers = pl.read_parquet(world / "truth" / "truth_accounts.parquet").filter(pl.col("is_inauthentic"))
    chosen = customers["account_id"].sort().gather_every(5).to_list()
    names = {one: HOSTILE_NAMES[place % len(HOSTILE_NAMES)] for place, one in enumerate(chosen)}
    accounts = pl.read_parquet(world / "accounts.parquet")
    told = pl.col("account_id").replace_strict(names, default=pl.col("handle"), return_dtype=pl.String)
    accounts.with_columns(handle=told).write_parquet(world / "accounts.parquet")
    for path in sorted(world.glob("engagements*.parquet")):
        rows = pl.read_parquet(path)
        place = pl.int_range(pl.len()) % len(HOSTILE_COMMENTS)
        texts = pl.lit(pl.Series(HOSTILE_COMMENTS)).gather(place)
        theirs = (pl.col("kind") == "comment") & pl.col("actor_id").is_in(chosen)
        rows.with_columns(text=pl.when(theirs).then(texts).otherwise("text")).write_parquet(path)


def quietly(_share: float, _what: str) -> None:
    """Say nothing about progress."""

"""Reports: one page to read and one bundle from which the verdict can be checked offline."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ironlab import files, paths
from ironlab.errors import ExitCode, IronlabError
from ironlab.labs import catalogue
from ironlab.labs.report import bundle as bundles
from ironlab.labs.report import page
from ironlab.labs.sessions import Store

if TYPE_CHECKING:
    from pathlib import Path


def written(name: str, folder: Path | None = None) -> tuple[Path, Path]:
    """Write the page and the bundle of a lab's latest session that was graded.

    Args:
        name: the lab's number or name.
        folder: where to write; by default the state folder's `reports`.

    Returns:
        The page and the bundle.
    """
    lab = catalogue.find(name)
    with Store() as store:
        graded = [
            session
            for session in store.all()
            if session.lab == lab.name and store.events(session, "graded")
        ]
        if not graded:
            remedy = f"grade it first: ./ironlab lab grade {lab.number}"
            raise IronlabError(f"lab {lab.number} was not graded yet", remedy, ExitCode.USAGE)
        session = graded[-1]
        bundle = bundles.build(lab, session, store.baseline(session), store.events(session))
    stem = f"{lab.name}-seed-{session.seed}-{session.started.astimezone():%Y%m%d-%H%M%S}"
    folder = folder or paths.state_dir() / "reports"
    html, sealed = folder / f"{stem}.html", folder / f"{stem}.json"
    with files.chosen(folder):
        bundles.write(bundle, sealed)
        page.write(bundle, html, sealed.name)
    return html, sealed

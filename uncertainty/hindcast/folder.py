"""Folder: a hindcast as a directory of tables, charts and the result itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from uncertainty import files
from uncertainty.directory import Contents, locked, target, write_result
from uncertainty.hindcast.run import hindcast, hindcast_table
from uncertainty.study import Study

if TYPE_CHECKING:
    import xarray as xr


def hindcast_directory(
    study: Study, fit_to: int, directory: Path, *, command: str = "", **options: Any
) -> xr.DataTree:
    """Run a hindcast (see there) and write its directory: hindcast.csv, charts, result.nc."""
    place = target(directory)
    with locked(place):
        tree = hindcast(study, fit_to, **options)
        facts = manifest(study, tree, command)
        write_result(
            Contents(tree, {"hindcast.csv": hindcast_table(tree)}, figures(tree), facts), place
        )
    return tree


def manifest(study: Study, tree: xr.DataTree, command: str) -> dict[str, Any]:
    """What the directory says of where it came from."""
    keys = ("study", "fit_to", "until", "since", "as_published", "seed", "study_sha256")
    return {
        **{key: tree.attrs[key] for key in keys},
        "title": study.row.title,
        "run": f"hindcast-{tree.attrs['fit_to']}",
        "command": command,
        "model": study.row.model,
        "model_runs": int(tree["fit"].attrs.get("model_runs", 0)),
        "failed_runs": 0,
        "commit": files.commit(),
    }


def figures(tree: xr.DataTree) -> dict[str, bytes]:
    """A chart of each outcome of which a level was scored."""
    from uncertainty.views import render

    return {
        f"hindcast-{name}.{form}": render(figure, form)
        for name, figure in drawn(tree)
        for form in ("png", "svg")
    }


def drawn(tree: xr.DataTree) -> Iterator[tuple[str, Any]]:
    """Outcomes and their charts."""
    from uncertainty.errors import ResultError
    from uncertainty.views import hindcast_chart

    scores = tree["scores"].to_dataset().to_dataframe()
    for outcome in scores.loc[scores["kind"] == "level", "outcome"].unique():
        try:
            yield str(outcome), hindcast_chart(tree, str(outcome))[0]
        except ResultError:
            continue

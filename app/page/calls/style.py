"""Calls of « Styliser »: the workspace's style images, previews, full-size results."""

from __future__ import annotations

from typing import Any

from app.page.calls.people import act_of
from app.page.service import Call, Service, Visit, uploaded
from studio.job import Job
from studio.stylizing import Style, add_styles, apply_styles, built_in_styles, list_styles, preview_style


def styles(service: Service, visit: Visit, args: dict[str, Any]) -> list[dict[str, str]]:
    """Style images; a workspace that has none yet gets the built-in ones."""
    if not list_styles(visit.desk):
        add_styles(visit.desk, built_in_styles(), built_in=True)
    return [_style(style) for style in list_styles(visit.desk)]


def add(service: Service, visit: Visit, args: dict[str, Any]) -> dict[str, Any]:
    """Add dropped style images; those that can't be read are told."""
    files = uploaded(args["files"])
    added, errors = add_styles(visit.desk, list(files), names=files)
    return {
        "added": [_style(style) for style in added],
        "errors": [error.message(visit.language) for _, error in errors],
        "act": act_of(visit),
    }


def preview(service: Service, visit: Visit, args: dict[str, Any]) -> dict[str, str]:
    """A screen-size preview of one photo in one style."""
    path = preview_style(
        visit.desk, str(args["photo"]), str(args["version"]), str(args["style"]), strength=_strength(args)
    )
    return {"url": f"media/style/{path.name}"}


def apply(service: Service, visit: Visit, args: dict[str, Any]) -> dict[str, str]:
    """Full-size results in the styles that were ticked."""
    chosen = [str(style) for style in args["styles"]]

    def work(job: Job) -> list[dict[str, Any]]:
        made = apply_styles(
            visit.desk, str(args["photo"]), str(args["version"]), chosen, strength=_strength(args), report=job.report
        )
        return [{"sha": result.sha, "name": result.name} for result in made]

    return service.start("style", visit, work)


def _strength(args: dict[str, Any]) -> float:
    return min(1.0, max(0.0, float(args.get("strength", 1.0))))


def _style(style: Style) -> dict[str, str]:
    return {"sha": style.sha, "name": style.name}


CALLS: dict[str, Call] = {"styles": styles, "add_styles": add, "style_preview": preview, "style_apply": apply}

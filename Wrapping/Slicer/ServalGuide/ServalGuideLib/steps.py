"""The steps of the guide: which module, with which parameters. `nodes` and `settings` come from the panel."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Mapping


@dataclass(frozen=True)
class Step:
    """One press of a button. `parameters` are those of the module's own description; None leaves one out."""

    title: str
    module: str
    parameters: dict[str, Any] = field(default_factory=dict)

    def given(self) -> dict[str, Any]:
        return {name: value for name, value in self.parameters.items() if value is not None and value != ""}


def steps(nodes: Mapping[str, Any], settings: Mapping[str, Any]) -> dict[str, Step]:
    """By name: segment, patches, classify."""
    volume = nodes.get("volume")
    return {
        "segment": Step("Segment by thresholds", "servalsegmentbythreshold", {
            "input": volume, "output": nodes.get("labels"), "preset": settings.get("preset", "none"), "method": settings.get("method", "otsu"),
        }),
        "patches": Step("Extract patches", "servalextractpatches", {
            "image": volume, "labels": nodes.get("labels"), "points": nodes.get("points"), "centres": nodes.get("centres"),
            "cache": settings.get("cache"), "size": settings.get("size", "16,16,16"), "caseName": settings.get("case"),
        }),
        "classify": Step("Classify", "servalclassifyvolume", {
            "input": volume, "model": settings.get("model"), "heatmap": nodes.get("heatmap"), "candidates": nodes.get("points"),
        }),
    }

"""How far a run is, its figures and its curves, kept up to date by the browser without running the page."""

from pathlib import Path
from typing import Any

import streamlit as st

_HTML = """<div class="run">
<div class="progress" hidden><div role="progressbar" aria-label="Progress"><i></i></div><span></span></div>
<dl></dl><div class="curves"></div></div>"""

_CSS = """
.run { font-family: var(--st-font); color: var(--st-text-color); --training: var(--st-primary-color);
  --validation: var(--st-orange-color); }
.progress[hidden], .tip[hidden] { display: none; }
.progress div { height: .5rem; border-radius: .5rem; overflow: hidden; background: var(--st-border-color); }
.progress i { display: block; height: 100%; background: var(--st-primary-color); transform-origin: left; }
.progress span { display: block; margin-top: .35rem; font-size: .9rem; }
dl { display: flex; flex-wrap: wrap; gap: .6rem 2rem; margin: .8rem 0; }
dl:empty { display: none; }
dt { font-size: .875rem; }
dd { margin: 0; font-size: 1.6rem; line-height: 1.4; font-variant-numeric: tabular-nums; }
figure { position: relative; margin: 0 0 .8rem; font-size: .8rem; }
figcaption { display: flex; gap: 1.2rem; font-weight: 600; padding-left: 46px; margin-bottom: .2rem; }
figcaption span { font-weight: 400; }
figcaption span::before { content: ""; display: inline-block; width: .9rem; height: 3px; margin-right: .4rem;
  vertical-align: middle; border-radius: 2px; background: currentColor; }
figcaption .training::before { background: var(--training); }
figcaption .validation::before { background: var(--validation); }
svg { display: block; width: 100%; height: 270px; touch-action: pan-y; }
text { fill: var(--st-text-color); opacity: .75; font-size: 11px; text-anchor: middle; }
.level { text-anchor: end; dominant-baseline: middle; }
.grid, .axis { fill: none; stroke: var(--st-border-color); }
polyline { fill: none; stroke-width: 2; stroke-linejoin: round; }
polyline.training { stroke: var(--training); }
polyline.validation { stroke: var(--validation); }
circle.training { fill: var(--training); }
circle.validation { fill: var(--validation); }
.tip { position: absolute; top: 2.2rem; pointer-events: none; padding: .4rem .6rem; border-radius: .5rem;
  background: var(--st-background-color); border: 1px solid var(--st-border-color);
  line-height: 1.5; max-width: calc(50% - 1rem); box-sizing: border-box; }
"""

_component = st.components.v2.component(
    "fmnist_live_curves", html=_HTML, css=_CSS, js=(Path(__file__).parent / "live_curves.js").read_text()
)


def render_curves(look: dict[str, Any], *, key: str, address: str | None = None) -> None:
    """Shows how a run goes.

    Args:
        look: What `live.look` gives, or some of it.
        key: Name of these curves on the page.
        address: Where the browser asks for the next look, if one will come. When that tells of more than
            these curves show, the fragment around them is run again.
    """
    shown = {"progress": None, "figures": [], "again": None, "drawn": None} | look
    _component(key=key, data={"look": shown, "address": address}, on_changed_change=lambda: None)

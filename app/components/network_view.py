"""A network as a row of boxes: what each layer makes of what comes in."""

from html import escape

import streamlit as st

from fmnist_core.models.outline import Layer, total_parameters

_STYLE = """<style>
.network { list-style: none; margin: 0; padding: 0; display: flex;
  flex-wrap: wrap; gap: .35rem 0; align-items: stretch; }
.network li { border: 1px solid var(--st-border-color, #8886); border-radius: .5rem; padding: .3rem .55rem;
  font-size: .78rem; line-height: 1.35; margin-right: 1.05rem; position: relative; }
.network li:not(:last-child)::after { content: "→"; position: absolute; right: -1.02rem; top: 50%;
  transform: translateY(-50%); opacity: .6; }
.network b { display: block; font-weight: 650; }
.network .weights { background: color-mix(in srgb, var(--st-primary-color, #5b4bdb) 14%, transparent); }
.network small { opacity: .75; display: block; }
</style>"""


def render_network(layers: tuple[Layer, ...]) -> None:
    """Shows the layers with their shapes and parameters, the ones that learn in colour."""
    boxes = "".join(_box(layer) for layer in layers)
    st.html(f'{_STYLE}<ol class="network" aria-label="The network\'s layers">{boxes}</ol>')
    st.caption(f"{total_parameters(layers):,} parameters in {len(layers)} layers")


def _box(layer: Layer) -> str:
    shape = " × ".join(str(size) for size in layer.output_shape)
    parameters = f"<small>{layer.parameters:,} parameters</small>" if layer.parameters else ""
    weights = ' class="weights"' if layer.parameters else ""
    return f"<li{weights}><b>{escape(layer.kind)}</b>{shape}{parameters}</li>"

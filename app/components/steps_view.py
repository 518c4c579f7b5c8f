"""The way from a picture to the 28×28 that a network gets, as a strip of pictures."""

from collections.abc import Mapping, Sequence
from html import escape

import streamlit as st

from app import pixels
from fmnist_core.data.preprocess import Step

_STYLE = """<style>
ol.steps { display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); gap: 1rem 1.6rem;
  list-style: none; margin: 0; padding: 0; }
.steps li { position: relative; margin: 0; padding: 0; min-width: 0; max-width: 15rem; font-size: .82rem;
  line-height: 1.4; }
.steps .frame { aspect-ratio: 1; display: grid; place-items: center; overflow: hidden; margin-bottom: .5rem;
  border-radius: .5rem; background: color-mix(in srgb, currentColor 8%, transparent); }
.steps img { width: 100%; height: 100%; object-fit: contain; image-rendering: pixelated; }
.steps b { display: block; font-size: .92rem; }
.steps span { opacity: .75; }
.steps em { display: block; margin-top: .3rem; font-style: normal; font-weight: 600; }
.steps li:not(:last-child)::after { content: "→"; position: absolute; right: -1.25rem; top: 4rem; opacity: .6;
  font-size: 1rem; }
@media (max-width: 640px) {
  ol.steps { grid-template-columns: 1fr; gap: 1.6rem; }
  .steps li { display: grid; grid-template-columns: 6.5rem 1fr; column-gap: .8rem; max-width: none; }
  .steps .frame { grid-row: span 3; margin: 0; }
  .steps b { align-self: end; }
  .steps li:not(:last-child)::after { content: "↓"; right: auto; left: 2.9rem; top: auto; bottom: -1.5rem; }
}
</style>"""


def render_steps(steps: Sequence[Step], notes: Mapping[str, str]) -> None:
    """Shows each step with its name and its sentence, from the first to what the network sees.

    Args:
        steps: The steps.
        notes: A line below some of them, by name.
    """
    st.html(f'{_STYLE}<ol class="steps">{"".join(_step(step, notes.get(step.name)) for step in steps)}</ol>')


def _step(step: Step, note: str | None) -> str:
    below = f"<em>{escape(note)}</em>" if note else ""
    return (
        f'<li><div class="frame"><img src="{pixels.address(step.image)}" alt="{escape(step.name)}"></div>'
        f"<b>{escape(step.name)}</b><span>{escape(step.explanation)}</span>{below}</li>"
    )

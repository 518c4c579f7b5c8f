"""An image as a table of its pixels: each cell as bright as its pixel, with the value written in it."""

import numpy as np
import streamlit as st

_STYLE = """<style>
.pixels { overflow-x: auto; }
.pixels table { border-collapse: collapse; table-layout: fixed; width: 100%; min-width: 38rem; margin: 0;
  font: 500 .6rem/1 var(--st-code-font, monospace); font-variant-numeric: tabular-nums; }
.pixels th, .pixels td { padding: 0; border: 0; text-align: center; height: 1.36rem; }
.pixels th { font-weight: 400; color: var(--st-gray-color, #888); }
.pixels tbody th { position: sticky; left: 0; background: var(--st-background-color, #fff); }
.pixels td:hover { outline: 2px solid var(--st-primary-color, #5b4bdb); outline-offset: -2px; }
</style>"""
_BLACK_ON_WHITE_FROM = 110


def render_pixel_table(image: np.ndarray) -> None:
    """Shows an image, uint8 `(h, w)`; where it does not fit, it scrolls within its own frame."""
    head = "".join(f"<th scope=col>{column}</th>" for column in range(image.shape[1]))
    rows = "".join(
        f"<tr><th scope=row>{number}</th>{''.join(_cell(value) for value in row)}</tr>"
        for number, row in enumerate(image.tolist())
    )
    st.html(
        f'{_STYLE}<div class="pixels" tabindex="0" role="region" aria-label="The value of every pixel">'
        f"<table><thead><tr><td></td>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _cell(value: int) -> str:
    ink = "#000" if value >= _BLACK_ON_WHITE_FROM else "#fff"
    return f'<td style="background:rgb({value},{value},{value});color:{ink}">{value}</td>'

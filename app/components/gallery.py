"""Images side by side, each one a button: one picture for the browser, however many images."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st

from app import pixels

_CSS = """
.gallery { display: grid; grid-template-columns: repeat(auto-fill, minmax(var(--tile), 1fr)); gap: .5rem;
  font-family: var(--st-font); }
button { all: unset; box-sizing: border-box; display: block; cursor: pointer; border-radius: .5rem;
  padding: .25rem; border: 2px solid transparent; text-align: center; min-width: 0; }
button:hover { background: var(--st-secondary-background-color); }
button:disabled { cursor: default; background: none; }
button:focus-visible, button[aria-pressed=true] { border-color: var(--st-primary-color); }
.picture { width: 100%; aspect-ratio: var(--aspect); border-radius: .35rem; image-rendering: pixelated;
  background-color: #000; background-repeat: no-repeat; }
.wrong .picture { box-shadow: inset 0 0 0 2px var(--st-red-color); }
.caption, .note { display: block; overflow: hidden; text-overflow: ellipsis; white-space: nowrap;
  font-size: .78rem; line-height: 1.35; color: var(--st-text-color); }
.note { opacity: .7; }
"""

_JS = """
export default function ({ data, parentElement, setTriggerValue }) {
  const { sprite, columns, rows, tiles, tile, aspect, selected, still } = data
  let gallery = parentElement.querySelector('.gallery')
  if (!gallery) {
    gallery = document.createElement('div')
    gallery.className = 'gallery'
    parentElement.appendChild(gallery)
  }
  gallery.style.setProperty('--tile', `${tile}px`)
  gallery.style.setProperty('--aspect', aspect)
  while (gallery.children.length > tiles.length) gallery.lastChild.remove()
  tiles.forEach(({ caption, note, hint, wrong }, position) => {
    // The same button again, for whom the keyboard has come to it.
    const button = gallery.children[position] ?? gallery.appendChild(document.createElement('button'))
    const picture = document.createElement('div')
    const across = columns > 1 ? (position % columns) * 100 / (columns - 1) : 0
    const down = rows > 1 ? Math.floor(position / columns) * 100 / (rows - 1) : 0
    picture.className = 'picture'
    picture.style.backgroundImage = `url(${sprite})`
    picture.style.backgroundSize = `${columns * 100}% ${rows * 100}%`
    picture.style.backgroundPosition = `${across}% ${down}%`
    button.replaceChildren(picture)
    for (const [name, text] of [['caption', caption], ['note', note]]) {
      if (!text) continue
      const line = document.createElement('span')
      line.className = name
      line.textContent = text
      button.append(line)
    }
    button.title = hint || [caption, note].filter(Boolean).join(', ')
    button.ariaLabel = button.title
    button.ariaPressed = String(position === selected)
    button.disabled = still
    button.className = wrong ? 'wrong' : ''
    button.onclick = () => {
      // A dialog gives the focus back to what had it, and knows only the host of this shadow root.
      gallery.getRootNode().host.focus = () => button.focus()
      for (const other of gallery.children) other.ariaPressed = String(other === button)
      setTriggerValue('clicked', position)
    }
  })
}
"""

_component = st.components.v2.component("fmnist_gallery", css=_CSS, js=_JS)


@dataclass(frozen=True)
class Tile:
    """What stands with one image.

    Attributes:
        caption: The line below it.
        note: A second, fainter line.
        hint: What hovering tells; by default both lines.
        wrong: Whether it is framed as a mistake.
    """

    caption: str = ""
    note: str = ""
    hint: str = ""
    wrong: bool = False


def render_gallery(
    images: np.ndarray,
    tiles: Sequence[Tile],
    *,
    key: str,
    size: int = 84,
    selected: int | None = None,
    on_click: Callable[[int], None] | None = None,
    still: bool = False,
) -> int | None:
    """Shows images as a grid that fits its place.

    Args:
        images: Pixels, uint8 `(n, h, w)`.
        tiles: What stands with each, n of them.
        key: Name of this gallery on its page.
        size: Least width of an image on the screen, in pixels.
        selected: Position of the image to mark, if any.
        on_click: Called with the position of a clicked image before the page runs again.
        still: Whether a click on an image does nothing, and it looks so.

    Returns:
        Position of the image that was just clicked, or None.
    """
    columns, rows = _grid(len(images))
    data = {
        "sprite": pixels.address(pixels.sheet(images, columns)),
        "columns": columns,
        "rows": rows,
        "tile": size,
        "aspect": images.shape[2] / images.shape[1],
        "selected": selected,
        "still": still,
        # Of a list Streamlit asks pandas whether it is a table, and the first page would wait for pandas.
        "tiles": tuple(vars(tile) for tile in tiles),
    }

    def pass_on() -> None:
        if on_click:
            on_click(int(st.session_state[key].clicked))

    clicked = _component(key=key, data=data, on_clicked_change=pass_on).clicked
    return None if clicked is None else int(clicked)


def _grid(count: int) -> tuple[int, int]:
    columns = max(1, min(count, 16))
    return columns, max(1, -(-count // columns))

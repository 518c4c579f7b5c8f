"""The pages in order: file, title, icon, section."""

from pathlib import Path

import streamlit as st

_FOLDER = Path(__file__).resolve().parent.parent / "pages"


def _page(name: str, title: str, icon: str, *, default: bool = False) -> st.Page:
    return st.Page(
        _FOLDER / f"{name}.py", title=title, icon=f":material/{icon}:", url_path=name, default=default
    )


def sections() -> dict[str, list[st.Page]]:
    """The pages by section, as `st.navigation` takes them."""
    return {
        "": [_page("overview", "Overview", "home", default=True), _page("lessons", "Lessons", "school")],
        "Look": [_page("explore", "Explore", "grid_view"), _page("quality", "Data quality", "rule")],
        "Learn": [
            _page("train", "Train", "model_training"),
            _page("tune", "Tune", "tune"),
            _page("runs", "Runs", "table_rows"),
            _page("compare", "Compare", "compare_arrows"),
            _page("published", "Published", "newspaper"),
        ],
        "See why": [
            _page("evaluate", "Evaluate", "fact_check"),
            _page("explain", "Explain", "lightbulb"),
            _page("map", "Map", "scatter_plot"),
        ],
        "Try": [_page("classify", "Classify", "draw"), _page("play", "Play", "sports_esports")],
    }


def page(title: str) -> st.Page:
    """The page of this title, to link or switch to."""
    return next(page for section in sections().values() for page in section if page.title == title)

"""Search for better settings: every trial is an ordinary run on the engine."""

import streamlit as st

from app import resources, state
from app.components.errors_told import errors_told
from app.components.paging import on_page
from app.components.run_name import plain
from app.components.search_form import render_search_form
from app.components.search_view import render_search, render_search_badge
from app.components.trial_view import search_line
from fmnist_core.search.searches import Search, all_searches

PER_PAGE = 12

# How often the searches are looked at while one of them goes on.
LOOK_SECONDS = 2.0


def is_any_active(searches: list[Search]) -> bool:
    """Whether one of them goes on."""
    return any(search.state.is_active for search in searches)


@errors_told()
def render_list(live: bool) -> None:
    """The searches there are, newest first, page by page; each opens on a click."""
    searches = all_searches(resources.store())
    if live and not is_any_active(searches):
        st.rerun()
    with st.container(border=True):
        st.subheader("Searches", anchor=False)
        for search in on_page(searches, PER_PAGE, "searches_page"):
            with st.container(horizontal=True, vertical_alignment="center"):
                if st.button(
                    plain(search_line(search)),
                    key=f"open_{search.id}",
                    type="tertiary",
                    icon=":material/search:",
                    help="Shows this search.",
                ):
                    state.select_study(search.id)
                    st.rerun()
                render_search_badge(search.state)


st.title("Tune", anchor=False)
searches = all_searches(resources.store())
known = {search.id for search in searches}
asked = state.selected_study()
if asked in known:
    st.button(
        "All searches, and a new one",
        icon=":material/arrow_back:",
        type="tertiary",
        on_click=state.select_study,
        args=(None,),
        help="Leaves this search as it is.",
    )
    render_search(asked)
else:
    if asked:
        st.warning(f"There is no search {plain(repr(asked))} here (any more).", icon=":material/search_off:")
    st.markdown(
        "**Which settings are best?** A search trains many networks that differ in a few settings, learns "
        "from each what to try next, and gives up early on those that fall behind."
    )
    if searches:
        live = is_any_active(searches)
        st.fragment(render_list, run_every=LOOK_SECONDS if live else None)(live)
    render_search_form()

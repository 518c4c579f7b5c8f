"""What goes wrong, told on the page in its one sentence."""

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st
from sqlalchemy.exc import SQLAlchemyError

from app.components.run_name import without_links
from fmnist_core.database import in_words
from fmnist_core.errors import FmnistError


@contextmanager
def errors_told() -> Iterator[None]:
    """Shows an error that the studio raises on purpose, or a store that cannot be used, where it comes up;
    around a part, or as a decorator.

    A fragment wears it itself: Streamlit makes an exception of its own of whatever leaves one, so that
    nothing around the fragment recognises the error.
    """
    try:
        yield
    except FmnistError as error:
        tell(str(error))
    except SQLAlchemyError as error:
        tell(in_words(error))


def tell(sentence: str) -> None:
    """Shows what went wrong. No link is made of what a sentence quotes from a file or an address."""
    st.error(without_links(sentence), icon=":material/error:")

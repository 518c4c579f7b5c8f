"""What pages share: networks and charts that are kept, and let go again."""

import gc
import weakref
from concurrent.futures import ThreadPoolExecutor

import altair as alt
import numpy as np
import pytest
from streamlit.elements import vega_charts

from app import resources, written_charts
from fmnist_core.settings import Settings
from fmnist_core.shipped import PHOTO, SKETCH


def test_a_network_that_is_no_longer_kept_is_let_go(open_page, empty_home: Settings):
    open_page(empty_home, "overview")  # sets the environment
    resources.predictor(SKETCH)  # after the first one the collector leaves alone what there is
    network = weakref.ref(resources.predictor(PHOTO).model)

    resources.predictor.clear()
    gc.collect()

    assert network() is None


def test_a_kept_chart_has_its_data_also_when_streamlit_writes_another_ones_meanwhile():
    alt.data_transformers.register("elsewhere", lambda data: {"name": "elsewhere"})
    with ThreadPoolExecutor(1) as pool:
        # What Streamlit does while it writes a chart.
        with vega_charts._altair_globals_lock, alt.data_transformers.enable("elsewhere"):
            chart = pool.submit(written_charts.class_balance, np.arange(10), None)
            with pytest.raises(TimeoutError):
                chart.result(0.5)
        assert chart.result(30)["datasets"]

"""What pages share: charts that are kept."""

from concurrent.futures import ThreadPoolExecutor

import altair as alt
import numpy as np
import pytest
from streamlit.elements import vega_charts

from app import written_charts


def test_a_kept_chart_has_its_data_also_when_streamlit_writes_another_ones_meanwhile():
    alt.data_transformers.register("elsewhere", lambda data: {"name": "elsewhere"})
    with ThreadPoolExecutor(1) as pool:
        # What Streamlit does while it writes a chart.
        with vega_charts._altair_globals_lock, alt.data_transformers.enable("elsewhere"):
            chart = pool.submit(written_charts.class_balance, np.arange(10), None)
            with pytest.raises(TimeoutError):
                chart.result(0.5)
        assert chart.result(30)["datasets"]

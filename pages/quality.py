"""What may be wrong with the images: suspect labels, pairs that are the same, images unlike their class."""

import numpy as np
import streamlit as st

from app import resources, state
from app.components.errors_told import errors_told
from app.components.job_view import render_job
from app.components.options import render_options
from app.components.outliers_view import render_outliers
from app.components.pairs_view import render_pairs
from app.components.suspects_view import render_suspects
from fmnist_core.data.dataset import Dataset
from fmnist_core.jobs import Job


def compare(data: Dataset) -> dict[str, np.ndarray] | None:
    """Pairs and outliers, once their job is done."""
    return render_job(
        Job(
            "fmnist_core.analysis.quality:compare_images",
            {"source": data.source, "fingerprint": data.fingerprint},
        ),
        "Compare the images",
        "**Is any image there twice, and is any unlike its class?** Each image is compared with every other, "
        "pixel by pixel: in one to three minutes on two free cores.",
        "Works it out in the background: you can look elsewhere meanwhile. It is kept afterwards.",
    )


st.title("Data quality", anchor=False)
data = resources.dataset()
findings = render_options(
    "Look for",
    ["Suspect labels", "Duplicates", "Outliers"],
    default="Suspect labels",
    key=state.FINDINGS,
    help="Labels that are probably wrong, images that are there twice, and images unlike their class.",
)
with errors_told():
    if findings == "Suspect labels":
        render_suspects(data)
    elif (found := compare(data)) is not None:
        if findings == "Duplicates":
            render_pairs(data, found)
        else:
            render_outliers(data, found["oddness"])

"""Charts of how accuracy suffers from changes: arrays in, Altair figures out."""

from collections.abc import Mapping

import altair as alt
import numpy as np
import pandas as pd

from fmnist_core.analysis.robustness import Kind

HEIGHT = 130


def accuracy_by_strength(
    kind: Kind, accuracies: Mapping[str, np.ndarray], unchanged: Mapping[str, float]
) -> alt.LayerChart:
    """Accuracy against how strong one kind of change is, beside what it is without any.

    Args:
        kind: The kind of change.
        accuracies: By the name of a network, one for each strength of the kind.
        unchanged: By the same names, the accuracy on the pictures as they are.
    """
    frame = pd.DataFrame(
        {"strength": strength, "accuracy": accuracy, "network": name}
        for name, curve in accuracies.items()
        for strength, accuracy in zip(kind.strengths, curve, strict=True)
    )
    whole = pd.DataFrame({"network": list(unchanged), "accuracy": list(unchanged.values())})
    color = alt.Color("network:N", scale=alt.Scale(domain=list(accuracies)), legend=None)
    share = alt.Y("accuracy:Q", scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format="%", tickCount=3))
    lines = (
        alt.Chart(frame)
        .mark_line(strokeWidth=2, point=alt.OverlayMarkDef(size=40, filled=True))
        .encode(
            x=alt.X(
                "strength:Q",
                title=None,
                scale=alt.Scale(reverse=kind.strengths[0] > kind.strengths[-1], zero=False, nice=False),
                axis=alt.Axis(values=list(kind.strengths), format="~r"),
            ),
            y=share.title(None),
            color=color,
            tooltip=[
                alt.Tooltip("network:N"),
                alt.Tooltip("strength:Q", title=kind.name.lower()),
                alt.Tooltip("accuracy:Q", format=".1%"),
            ],
        )
    )
    rules = alt.Chart(whole).mark_rule(strokeDash=[4, 4]).encode(y=share.title(None), color=color)
    return (rules + lines).properties(height=HEIGHT)

"""A run's metrics for other programs: a table, and TensorBoard's event files."""

import io
import zipfile
from collections.abc import Iterator

import pandas as pd

from fmnist_core.export.material import Material
from fmnist_core.progress import Progress

PARTS = {"train": "", "validation": "val_"}
"""TensorBoard's folders, and how metrics of each part are called in the store."""

HOW_TO_OPEN = """Unpack this folder, then run

    pip install tensorboard
    tensorboard --logdir .

and open the address that it prints.
"""


def csv(material: Material, progress: Progress) -> bytes:
    """A row per epoch and per report within one, with the store's own columns."""
    metrics = [material.store.metrics(material.run.id, kind).assign(kind=kind) for kind in ("epoch", "step")]
    table = pd.concat(metrics).sort_values(["step", "kind"], ascending=[True, False])
    return table[["kind", *table.columns.drop("kind")]].to_csv(index=False).encode()


def tensorboard(material: Material, progress: Progress) -> bytes:
    """A zip of event files: those that the run wrote, or else made from the store's metrics."""
    own = material.store.folder(material.run.id) / "tensorboard"
    files = {path.relative_to(own).as_posix(): path.read_bytes() for path in own.rglob("events.*")}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("README.txt", HOW_TO_OPEN)
        for name, content in files.items() or _events(material):
            archive.writestr(name, content)
    return buffer.getvalue()


def _events(material: Material) -> Iterator[tuple[str, bytes]]:
    """A file for each part, with the tags that Keras's own callback uses."""
    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.compat.proto.summary_pb2 import Summary
    from tensorboard.summary.writer.record_writer import RecordWriter

    began = material.run.started or material.run.created
    for part, prefix in PARTS.items():
        shown = {f"epoch_{name}": prefix + name for name in ("loss", "accuracy")}
        if part == "train":
            shown["epoch_learning_rate"] = "learning_rate"
        rows = material.history.dropna(subset=list(shown.values()))
        if rows.empty:
            continue
        buffer = io.BytesIO()
        writer = RecordWriter(buffer)
        writer.write(Event(wall_time=began, file_version="brain.Event:2").SerializeToString())
        for row in rows.to_dict("records"):
            values = [Summary.Value(tag=tag, simple_value=row[name]) for tag, name in shown.items()]
            event = Event(
                wall_time=began + row["seconds"], step=int(row["epoch"]) - 1, summary=Summary(value=values)
            )
            writer.write(event.SerializeToString())
        yield f"{part}/events.out.tfevents.{int(began)}.studio", buffer.getvalue()

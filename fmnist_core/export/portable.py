"""A run's network for other programs: Keras, ONNX, LiteRT. What answers otherwise is refused."""

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import keras
import numpy as np

from fmnist_core.errors import ExportError
from fmnist_core.export.material import Material
from fmnist_core.inference import load_predictor
from fmnist_core.progress import Progress
from fmnist_core.runs import CHECKED_IMAGES

CLOSE = 1e-5
"""How far a probability may be off."""

Answer = Callable[[Path, np.ndarray], np.ndarray]
"""Loads a file in its own runtime and gives its answers to pixels, float32 `(n, 28, 28)`."""


def keras_model(material: Material, progress: Progress) -> bytes:
    """The `.keras` file that the studio wrote and checked when the training ended."""
    return material.model_file.read_bytes()


def onnx(material: Material, progress: Progress) -> bytes:
    """The network as ONNX, opset 18, for any number of images.

    Raises:
        ExportError: when the extra is not installed, or ONNX Runtime answers otherwise than Keras.
    """
    _need("tf2onnx", "onnxruntime")
    return _converted(
        material,
        progress,
        ".onnx",
        lambda model, path: _rewritten(model, _with_erf).export(
            path, format="onnx", opset_version=18, verbose=False
        ),
        _ask_onnx,
    )


def litert(material: Material, progress: Progress) -> bytes:
    """The network as LiteRT (`.tflite`), for any number of images.

    Raises:
        ExportError: when the extra is not installed, or LiteRT answers otherwise than Keras.
    """
    _need("ai_edge_litert")
    return _converted(
        material,
        progress,
        ".tflite",
        lambda model, path: _rewritten(model, _unrolled).export(path, format="litert", verbose=False),
        _ask_litert,
    )


def _converted(
    material: Material,
    progress: Progress,
    suffix: str,
    convert: Callable[[keras.Model, str], None],
    answer: Answer,
) -> bytes:
    progress(0.1, "Loading the network …")
    predictor = load_predictor(material.model_file)
    with TemporaryDirectory() as folder:
        path = Path(folder, f"model{suffix}")
        images = _images(material)
        expected = predictor(images)
        progress(0.3, "Converting it …")
        convert(predictor.model, str(path))
        progress(0.8, "Comparing its answers …")
        difference = np.abs(expected - answer(path, images.astype(np.float32))).max()
        check_close(float(difference), suffix)
        return path.read_bytes()


def check_close(difference: float, suffix: str) -> None:
    """Refuses a file whose answers are off.

    Args:
        difference: Of any probability of `CHECKED_IMAGES` images.
        suffix: Of the file.

    Raises:
        ExportError: when that is more than `CLOSE`, or no number.
    """
    if not difference <= CLOSE:
        raise ExportError(
            f"The converted network ({suffix}) was not kept: its answers are {difference:.2g} off those "
            f"of Keras, and {CLOSE:g} is allowed. Take the .keras file instead."
        )


def _images(material: Material) -> np.ndarray:
    """Test images, or noise where there are none: any pixels tell whether two networks are the same."""
    if material.data:
        return material.data.x_test[:CHECKED_IMAGES]
    return np.random.default_rng(0).integers(0, 256, (CHECKED_IMAGES, 28, 28), np.uint8)


def _rewritten(model: keras.Model, rewrite: Callable[[dict[str, Any]], dict[str, Any]]) -> keras.Model:
    """The same network with the settings of its layers rewritten."""
    same = keras.models.clone_model(
        model, clone_function=lambda layer: type(layer).from_config(rewrite(layer.get_config()))
    )
    same.set_weights(model.get_weights())
    same(np.zeros((1, 28, 28), np.float32))
    return same


def _unrolled(settings: dict[str, Any]) -> dict[str, Any]:
    """Reads rows one after the other: LiteRT itself has no loop with a memory."""
    return settings | ({"unroll": True} if "unroll" in settings else {})


def _with_erf(settings: dict[str, Any]) -> dict[str, Any]:
    """TensorFlow writes GELU with erfc, which ONNX does not know, instead of erf."""
    if settings.get("activation") != "gelu":
        return settings
    return settings | {"activation": lambda x: x * (1 + keras.ops.erf(x / 2**0.5)) / 2}


def _ask_onnx(path: Path, pixels: np.ndarray) -> np.ndarray:
    from onnxruntime import InferenceSession

    session = InferenceSession(path, providers=["CPUExecutionProvider"])
    return session.run(None, {session.get_inputs()[0].name: pixels})[0]


def _ask_litert(path: Path, pixels: np.ndarray) -> np.ndarray:
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(str(path))
    (entry,), (answer,) = interpreter.get_input_details(), interpreter.get_output_details()
    interpreter.resize_tensor_input(entry["index"], pixels.shape)
    interpreter.allocate_tensors()
    interpreter.set_tensor(entry["index"], pixels)
    interpreter.invoke()
    return interpreter.get_tensor(answer["index"])


def _need(*modules: str) -> None:
    """Raises ExportError when one of the modules is not installed."""
    if any(find_spec(module) is None for module in modules):
        raise ExportError("This format needs more packages: pip install 'fmnist-studio[export]' brings them.")

"""Who may import whom: what the house rules say, read from the source."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CORE = "fmnist_core"

# Each line sees itself only through its own unit, and the lines above it.
LINES = (
    ("errors",),
    ("settings", "files", "progress"),
    ("config", "migrations", "database", "logs", "processes"),
    ("recipes",),
    ("data", "models", "runs"),
    ("inference",),
    ("model_server",),
    ("own_recipes", "shipped", "quiz", "repeats", "scores", "experiments"),
    ("analysis",),
    ("training",),
    ("jobs", "search", "export", "lessons"),
    ("doctor",),
    ("cli",),
)

COMPUTE = (
    "models/",
    "training/train.py",
    "training/steps.py",
    "training/callbacks.py",
    "training/augment.py",
    "training/kernels.py",
    "inference.py",
    "analysis/explain.py",
    "export/portable.py",
    "export/keras_source.py",
    "export/notebook.py",
)
"""The modules of the core that may import TensorFlow and Keras at the top."""

LIGHT = (
    "config",
    "recipes",
    "runs",
    "settings",
    "data.dataset",
    "data.preprocess",
    "data.wardrobe",
    "analysis.evaluation",
    "analysis.published",
    "analysis.anatomy",
    "model_server",
    "lessons",
    "models.outline",
    "training.engine",
    "own_recipes",
    "search.conductor",
    "search.trials",
    "export.formats",
    "export.bring_in",
)
"""What a page that shows pictures and curves needs."""


SLOW = {"tensorflow", "keras", "streamlit", "distributed", "dask", "alembic", "optuna"}

NOT_AT_FIRST = {"tensorflow", "keras", "distributed", "sklearn", "scipy", "alembic", "pandas", "altair"}
"""What the first page must not wait for."""


def sources(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


def imports(path: Path, top_level: bool = False) -> Iterator[str]:
    """Full names of the modules that a file imports, anywhere or only outside of functions."""
    nodes = [ast.parse(path.read_text(encoding="utf-8"))]
    while nodes:
        node = nodes.pop()
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path} imports relatively"
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif not (top_level and isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)):
            nodes += ast.iter_child_nodes(node)


def roots(path: Path, top_level: bool = False) -> set[str]:
    return {name.split(".")[0] for name in imports(path, top_level)}


def line_of(name: str) -> int:
    return next(number for number, line in enumerate(LINES) if name in line)


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_looking_at_pictures_and_runs_does_not_load_what_is_slow():
    code = f"""
import importlib, sys
for name in {LIGHT}:
    importlib.import_module("{CORE}." + name)
    slow = {SLOW} & set(sys.modules)
    assert not slow, f"{{name}} loads {{slow}}"
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_first_page_does_not_wait_for_what_other_pages_need():
    first = {
        name
        for path in (ROOT / "app" / "shell.py", ROOT / "pages" / "overview.py")
        for name in imports(path, top_level=True)
        if name.startswith("app.") and (ROOT / f"{name.replace('.', '/')}.py").exists()
    }
    code = f'''
import importlib, sys
for name in {sorted(first)}:
    importlib.import_module(name)

from streamlit.testing.v1 import AppTest

page = AppTest.from_string("""
import numpy as np
from app.components.gallery import Tile, render_gallery
render_gallery(np.zeros((1, 28, 28), np.uint8), [Tile("Bag")], key="garments")
""")
assert not page.run().exception
slow = {NOT_AT_FIRST} & set(sys.modules)
assert not slow, f"the first page loads {{slow}}"
'''
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("path", sources(CORE), ids=relative)
def test_the_core_knows_nothing_of_the_shell(path: Path):
    assert not roots(path) & {"streamlit", "app", "pages"}


@pytest.mark.parametrize("path", sources(CORE), ids=relative)
def test_each_line_of_the_core_sees_only_the_lines_above_it(path: Path):
    own = path.relative_to(ROOT / CORE).parts[0].removesuffix(".py")
    if own == "__init__":
        assert not roots(path)
        return
    units = {name for line in LINES for name in line}
    assert own in units, f"say in LINES where {own} stands"
    seen = {name.split(".")[1] for name in imports(path) if name.startswith(f"{CORE}.")} & units
    assert {other for other in seen - {own} if line_of(other) >= line_of(own)} == set()


@pytest.mark.parametrize("path", sources(CORE), ids=relative)
def test_tensorflow_is_imported_where_it_computes(path: Path):
    if not path.relative_to(ROOT / CORE).as_posix().startswith(COMPUTE):
        assert not roots(path, top_level=True) & {"tensorflow", "keras"}
    if path.parent.name == "data":
        assert not roots(path) & {"tensorflow", "keras"}


def test_the_metrics_need_numpy_and_scikit_learn_alone():
    beside = roots(ROOT / CORE / "analysis" / "evaluation.py") - set(sys.stdlib_module_names)
    assert beside == {"numpy", "sklearn"}


@pytest.mark.parametrize("path", sources("app") + sources("pages"), ids=relative)
def test_the_shell_does_not_load_tensorflow_at_the_top(path: Path):
    assert not roots(path, top_level=True) & {"tensorflow", "keras"}


@pytest.mark.parametrize("path", sources("app"), ids=relative)
def test_the_shell_does_not_import_pages(path: Path):
    assert "pages" not in roots(path)


@pytest.mark.parametrize("path", sorted((ROOT / "pages").glob("*.py")), ids=relative)
def test_a_page_has_no_string_of_its_own_that_streamlit_would_write_on_the_screen(path: Path):
    _, *rest = ast.parse(path.read_text(encoding="utf-8")).body
    assert not [node for node in rest if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)]

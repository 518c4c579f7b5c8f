"""Running exported code where the studio is not installed."""

import json
import os
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

import nbformat
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient

# Without the site module nothing that a .pth file points to is found, an editable install least of all.
ENTER = """
import sys
sys.path.append({packages!r})
try:
    import fmnist_core
except ImportError:
    pass
else:
    sys.exit("the studio can be imported here: this room is not clean")
"""
RUNNER = (
    ENTER
    + """
import json, linecache, os
os.environ["MPLBACKEND"] = "agg"
names = {{"__name__": "__main__"}}
for number, text in enumerate(json.loads(sys.stdin.read())):
    # As in Jupyter, where functions find their source: TensorFlow compiles from it.
    place = f"<cell {{number}}>"
    linecache.cache[place] = (len(text), None, text.splitlines(keepends=True), place)
    exec(compile(text, place, "exec"), names)
print("FOUND " + json.dumps({{name: names[name] for name in {wanted!r}}}))
"""
)
KERNEL = ENTER + "from ipykernel.kernelapp import launch_new_instance; launch_new_instance()"
PACKAGES = sysconfig.get_paths()["purelib"]


def code_cells(notebook: bytes) -> list[str]:
    """The code of a notebook, cell by cell."""
    cells = json.loads(notebook)["cells"]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]


def run_clean(cells: list[str], folder: Path, *wanted: str, **environment: str) -> dict[str, Any]:
    """Runs pieces of code one after the other in a fresh process, and returns some of its variables."""
    code = RUNNER.format(packages=PACKAGES, wanted=wanted)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "FMNIST"))}
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code],
        input=json.dumps(cells),
        cwd=folder,
        env=kept | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return json.loads(done.stdout.rpartition("FOUND ")[2])


def run_in_jupyter(notebook: bytes, folder: Path) -> str:
    """Runs a notebook from top to bottom in a kernel of Jupyter, and returns what it prints."""
    specification = {
        "argv": [
            sys.executable,
            "-I",
            "-S",
            "-c",
            KERNEL.format(packages=PACKAGES),
            "-f",
            "{connection_file}",
        ],
        "display_name": "A clean room",
        "language": "python",
    }
    (folder / "clean").mkdir()
    (folder / "clean" / "kernel.json").write_text(json.dumps(specification))
    manager = AsyncKernelManager(kernel_name="clean")
    manager.kernel_spec_manager.kernel_dirs = [str(folder)]
    document = nbformat.reads(notebook.decode(), as_version=4)
    NotebookClient(document, km=manager, timeout=200, resources={"metadata": {"path": str(folder)}}).execute()
    cells = [cell for cell in document.cells if cell.cell_type == "code"]
    return "".join(output.get("text", "") for cell in cells for output in cell.outputs)

"""Running exported code where the studio is not installed."""

import json
import os
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

# Without the site module nothing that a .pth file points to is found, an editable install least of all.
RUNNER = """
import json, sys
sys.path.append({packages!r})
try:
    import fmnist_core
except ImportError:
    pass
else:
    sys.exit("the studio can be imported here: this room is not clean")
import linecache, os
os.environ["MPLBACKEND"] = "agg"
names = {{"__name__": "__main__"}}
for number, text in enumerate(json.loads(sys.stdin.read())):
    # As in Jupyter, where functions find their source: TensorFlow compiles from it.
    place = f"<cell {{number}}>"
    linecache.cache[place] = (len(text), None, text.splitlines(keepends=True), place)
    exec(compile(text, place, "exec"), names)
print("FOUND " + json.dumps({{name: names[name] for name in {wanted!r}}}))
"""


def code_cells(notebook: bytes) -> list[str]:
    """The code of a notebook, cell by cell."""
    cells = json.loads(notebook)["cells"]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]


def run_clean(cells: list[str], folder: Path, *wanted: str, **environment: str) -> dict[str, Any]:
    """Runs pieces of code one after the other in a fresh process, and returns some of its variables."""
    code = RUNNER.format(packages=sysconfig.get_paths()["purelib"], wanted=wanted)
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

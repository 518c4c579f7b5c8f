"""Pages without a browser: the app in a home of its own, with drawn images and no engine."""

import json
import shutil
import threading
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.components.v2 import manifest_scanner
from streamlit.components.v2.manifest_scanner import scan_component_manifests
from streamlit.runtime.scriptrunner import script_runner
from streamlit.testing.v1 import AppTest

from app.components import gallery
from fmnist_core.config import DataConfig, DenseNetwork, RunConfig, TrainingConfig
from fmnist_core.data.dataset import load_source
from fmnist_core.model_server import ModelServer
from fmnist_core.runs import Run, RunStore
from fmnist_core.settings import Settings

ROOT = Path(__file__).parents[2]

OpenPage = Callable[..., AppTest]


@pytest.fixture(scope="session")
def _networks(tmp_path_factory: pytest.TempPathFactory) -> ModelServer:
    """One for all homes: it takes seconds to start."""
    return ModelServer(tmp_path_factory.mktemp("networks") / "log.txt")


@pytest.fixture(scope="session", autouse=True)
def _scripts_run_as_fast_as_on_the_server() -> Iterator[None]:
    """Keras is loaded here by other tests, and not in the web server, which also starts only once.

    Streamlit clears Keras's session after every script run, and looks through all installed packages
    for components in every `AppTest`: together three quarters of these tests' time.
    """
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(script_runner, "_clean_problem_modules", lambda: None)
        monkeypatch.setattr(manifest_scanner, "scan_component_manifests", cache(scan_component_manifests))
        # The canvas, which some tests put another one in the place of, can only be imported by a page.
        AppTest.from_function(_import_canvas).run()
        yield


def _import_canvas() -> None:
    import app.components.canvas  # noqa: F401


@pytest.fixture(autouse=True)
def _nothing_kept(monkeypatch: pytest.MonkeyPatch, _networks: ModelServer) -> Iterator[None]:
    """What pages cache is shared by the whole process: no test sees another one's. No engine is started."""
    st.cache_resource.clear()
    st.cache_data.clear()
    monkeypatch.setattr("app.work.ensure_engine", lambda settings: None)
    monkeypatch.setattr("app.work.caretaker", lambda: None)
    monkeypatch.setattr("app.resources.networks", lambda: _networks)
    yield
    st.cache_resource.clear()
    st.cache_data.clear()


@pytest.fixture(autouse=True)
def _networks_awake() -> Iterator[None]:
    """No network wakes up in the next test's home."""
    yield
    for thread in threading.enumerate():
        if thread.name.startswith("wake "):
            thread.join(60)


@pytest.fixture(autouse=True)
def _galleries_get_plain_values(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is no JSON Streamlit sends in a form of its own, which a gallery in the browser cannot read."""
    show = gallery._component

    def show_json(data: dict[str, Any], **rest: Any) -> Any:
        json.dumps(data)
        return show(data=data, **rest)

    monkeypatch.setattr(gallery, "_component", show_json)


@pytest.fixture
def open_page(monkeypatch: pytest.MonkeyPatch) -> OpenPage:
    """Opens a page as a link would: `open_page(settings, "explore", split="Test")`."""

    def open_it(settings: Settings, name: str, **query_params: str) -> AppTest:
        for variable, value in settings.to_environment().items():
            monkeypatch.setenv(variable, value)
        # Keras may have the real images; these tests want the drawn ones.
        monkeypatch.setenv("KERAS_HOME", str(settings.home / "keras"))
        app = AppTest.from_file(ROOT / "app" / "shell.py", default_timeout=60)
        app.switch_page(str(ROOT / "pages" / f"{name}.py"))
        for key, value in query_params.items():
            app.query_params[key] = value
        return app.run()

    return open_it


@pytest.fixture
def look_away() -> Callable[[AppTest, str], None]:
    """Opens another page, and then the one of this name again."""

    def look(app: AppTest, name: str) -> None:
        app.switch_page(str(ROOT / "pages" / "overview.py")).run()
        app.switch_page(str(ROOT / "pages" / f"{name}.py")).run()

    return look


@pytest.fixture
def empty_home(new_home: Callable[[], Settings]) -> Settings:
    """A home with drawn images and no run."""
    return new_home()


@pytest.fixture(scope="session")
def _home_with_a_run(new_home: Callable[[], Settings]) -> tuple[Settings, str]:
    from fmnist_core.training.worker import execute

    settings = new_home()
    store = RunStore(settings)
    config = RunConfig(
        data=DataConfig(train_size=2_000, validation_size=500),
        model=DenseNetwork(widths=(16,)),
        training=TrainingConfig(epochs=2),
    )
    data = load_source(settings, "wardrobe")
    run = store.create(config, source=data.source, fingerprint=data.fingerprint, name="A tiny one")
    execute(run.id, settings)
    return settings, run.id


@pytest.fixture
def finished_run(_home_with_a_run: tuple[Settings, str], tmp_path: Path) -> tuple[Settings, Run]:
    """A home, and the run of a tiny network that was trained there; a test may change both."""
    first, run_id = _home_with_a_run
    home = tmp_path / "home"
    shutil.copytree(first.home, home)
    settings = Settings(home=home, database_url=f"sqlite:///{home / 'studio.sqlite'}")
    return settings, RunStore(settings).get(run_id)

"""The web server: Streamlit's, which runs `shell.py` for every page, and one address of the studio's own."""

from pathlib import Path

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from streamlit import App
from streamlit.config import get_option


def live(request: Request) -> JSONResponse:
    """How a run goes, for the browser that shows it."""
    # What this needs is slow to load, and the server listens sooner without.
    from app.live import answer

    status, document = answer(request.path_params["run_id"])
    return JSONResponse(document, status, {"Cache-Control": "no-store"})


BASE = (get_option("server.baseUrlPath") or "").strip("/")
app = App(
    Path(__file__).with_name("shell.py"), routes=[Route(f"/{BASE}/live/{{run_id}}".replace("//", "/"), live)]
)

"""Finds a Chromium for the browser tests; with `--get`, brings one where there is none."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
)
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MAC = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")


def find() -> str | None:
    """Path of the system's browser, else of Playwright's own, else None."""
    system = next((path for name in NAMES if (path := shutil.which(name))), None)
    if system or MAC.exists():
        return system or str(MAC)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    return own if Path(own).exists() else None


def get() -> str | None:
    """Brings a browser: Playwright's own, or else the distribution's package. Returns its path."""
    attempts = [[sys.executable, "-m", "playwright", "install", "chromium"]]
    if shutil.which("apt-get"):
        root = [] if os.geteuid() == 0 else ["sudo", "-n"]
        attempts += [[*root, "apt-get", "update"], [*root, "apt-get", "install", "-y", "chromium"]]
    for command in attempts:
        try:
            subprocess.run(command, check=False, timeout=600, stdout=subprocess.DEVNULL)
        except (OSError, subprocess.TimeoutExpired) as error:
            print(f"{command[0]}: {error}", file=sys.stderr)
        if found := find():
            return found
    return None


if __name__ == "__main__":
    browser = find() or (get() if "--get" in sys.argv else None)
    print(f"Browser for the tests: {browser or 'none; the browser tests are skipped'}")
    sys.exit(browser is None and os.environ.get("CI") == "true")

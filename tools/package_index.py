"""Fetching pip itself, for a machine that has Python and no pip.

It reads pip's own configuration (so that a mirror or a proxy set up for pip is used), finds the
newest wheel of pip there, and checks its sha256 against the index. pip's wheel can be run as it
is: ``python3 pip-25.0-py3-none-any.whl/pip install ...``.

Sources: PEP 503 (simple index, HTML), PEP 691 (the same in JSON), pip's "Configuration" page.
"""

from __future__ import annotations

import configparser
import hashlib
import html.parser
import json
import os
import re
import ssl
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

DEFAULT_INDEX = "https://pypi.org/simple"
ACCEPT = "application/vnd.pypi.simple.v1+json, text/html;q=0.5"
PIP_WHEEL = re.compile(r"pip-(\d+(?:\.\d+)*)-py(?:2\.py)?3-none-any\.whl")


class SetupError(Exception):
    """Setting up failed; the message says what was tried and what to do."""


@dataclass(frozen=True)
class Sources:
    """Where pip would look for packages, as its configuration says."""

    indexes: list[str] = field(default_factory=lambda: [DEFAULT_INDEX])
    find_links: list[str] = field(default_factory=list)
    cert: str | None = None


@dataclass(frozen=True)
class Link:
    """A file that an index, a page or a folder offers."""

    name: str
    url: str
    sha256: str | None = None
    requires_python: str | None = None


def configuration_files(environ: Mapping[str, str], home: Path) -> list[Path]:
    """The places of pip's configuration, the weakest first."""
    shared = Path("/Library/Application Support/pip")
    user = home / "Library/Application Support/pip"
    if sys.platform != "darwin" or not user.is_dir():
        user = Path(environ.get("XDG_CONFIG_HOME") or home / ".config") / "pip"
    if sys.platform != "darwin":
        shared_folders = environ.get("XDG_CONFIG_DIRS") or "/etc/xdg"
        files = [Path(folder) / "pip/pip.conf" for folder in shared_folders.split(":") if folder]
        files.append(Path("/etc/pip.conf"))
    else:
        files = [shared / "pip.conf"]
    files += [home / ".pip/pip.conf", user / "pip.conf"]
    chosen = environ.get("PIP_CONFIG_FILE")
    if chosen == os.devnull:
        return []
    return [*files, Path(chosen)] if chosen else files


def sources(environ: Mapping[str, str], files: list[Path]) -> Sources:
    """Read pip's configuration: of two settings, the later file wins, the environment last."""
    settings: dict[str, str] = {}
    for path in files:
        parser = configparser.RawConfigParser()
        try:
            parser.read(path, encoding="utf-8")
        except (OSError, configparser.Error, UnicodeDecodeError):
            continue  # pip will say what is wrong with it; here only pip itself is looked for
        for section in ("global", "install"):
            if parser.has_section(section):
                settings.update({k.replace("_", "-"): v for k, v in parser.items(section)})
    for key, value in environ.items():
        if key.startswith("PIP_") and value:
            settings[key[4:].lower().replace("_", "-")] = value
    indexes = [
        settings.get("index-url", DEFAULT_INDEX),
        *settings.get("extra-index-url", "").split(),
    ]
    if settings.get("no-index", "").lower() in ("1", "true", "yes", "on"):
        indexes = []
    cert = settings.get("cert")
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        cert = cert or environ.get(name)
    return Sources(indexes, settings.get("find-links", "").split(), cert)


class _Anchors(html.parser.HTMLParser):
    """Collects the links of a PEP 503 page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.page = page
        self.links: list[Link] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        href = found.get("href")
        if tag != "a" or not href or "data-yanked" in found:
            return
        url, _, fragment = urllib.parse.urljoin(self.page, href).partition("#")
        sha256 = urllib.parse.parse_qs(fragment).get("sha256", [None])[0]
        name = urllib.parse.unquote(url.rpartition("/")[2])
        self.links.append(Link(name, url, sha256, found.get("data-requires-python")))


def read_page(url: str, content_type: str, body: bytes) -> list[Link]:
    """The files that a page of an index offers; ``url`` is its address after redirects."""
    if "json" not in content_type:
        anchors = _Anchors(url)
        anchors.feed(body.decode("utf-8", "replace"))
        return anchors.links
    return [
        Link(
            each["filename"],
            urllib.parse.urljoin(url, each["url"]),
            each.get("hashes", {}).get("sha256"),
            each.get("requires-python"),
        )
        for each in json.loads(body)["files"]
        if not each.get("yanked")
    ]


def newest_pip(links: list[Link], python: tuple[int, int]) -> Link | None:
    """The newest pip wheel that this Python can run and that can be trusted.

    Trusted means: with a sha256 to check, or a file on this machine.
    """
    best: tuple[list[int], Link] | None = None
    for link in links:
        match = PIP_WHEEL.fullmatch(link.name)
        if not match or not (link.sha256 or link.url.startswith("file:")):
            continue
        needs = re.search(r">=\s*(\d+)\.(\d+)", link.requires_python or "")
        if needs and python < (int(needs[1]), int(needs[2])):
            continue
        version = [int(part) for part in match[1].split(".")]
        if best is None or version > best[0]:
            best = (version, link)
    return best[1] if best else None


def fetch_pip(folder: Path, places: Sources) -> Path:
    """Put a wheel of pip into ``folder`` and return its path.

    Raises SetupError, with everything that was tried, when there is none to be had.
    """
    tried: list[str] = []
    pages = [(place, _page_of_links(place)) for place in places.find_links]
    pages += [(index, index.rstrip("/") + "/pip/") for index in places.indexes]
    for place, page in pages:
        try:
            link = newest_pip(_links(page, places.cert), sys.version_info[:2])
            if link is None:
                tried.append(f"{_shown(place)}: it offers no pip for this Python")
                continue
            content, _, _ = _get(link.url, places.cert)
        except (OSError, ValueError, KeyError) as error:
            tried.append(f"{_shown(place)}: {_reason(error)}")
            continue
        digest = hashlib.sha256(content).hexdigest()
        if link.sha256 and digest != link.sha256:
            raise SetupError(
                f"{_shown(link.url)} is not the file that its index promises: "
                f"its sha256 is {digest}, not {link.sha256}. Nothing of it was run."
            )
        folder.mkdir(parents=True, exist_ok=True)
        wheel = folder / link.name
        partial = wheel.with_suffix(".partial")
        partial.write_bytes(content)
        partial.replace(wheel)
        return wheel
    raise SetupError(
        "this Python has no pip, and none could be fetched:\n  "
        + "\n  ".join(tried or ["pip's configuration names no index (no-index is set)"])
        + "\nConnect to the network, or install pip (on Debian and Ubuntu: "
        "sudo apt install python3-venv), and run this again."
    )


def _page_of_links(place: str) -> str:
    return place if "://" in place else Path(place).expanduser().absolute().as_uri()


def _links(page: str, cert: str | None) -> list[Link]:
    """The files that a page, or a folder given as a file URL, offers."""
    if page.startswith("file:"):
        path = Path(urllib.request.url2pathname(urllib.parse.urlsplit(page).path))
        if path.is_dir() and not (path / "index.html").is_file():
            return [Link(file.name, file.as_uri()) for file in path.iterdir()]
        if path.is_dir():
            page = (path / "index.html").as_uri()
    content, content_type, url = _get(page, cert)
    return read_page(url, content_type, content)


def _get(url: str, cert: str | None) -> tuple[bytes, str, str]:
    """The content of an address, its type, and the address after redirects."""
    parts = urllib.parse.urlsplit(url)
    headers = {"Accept": ACCEPT, "User-Agent": "grader-dev (pip bootstrap)"}
    if parts.username:  # an index with a password in its address
        import base64

        login = (
            f"{urllib.parse.unquote(parts.username)}:{urllib.parse.unquote(parts.password or '')}"
        )
        headers["Authorization"] = "Basic " + base64.b64encode(login.encode()).decode()
        url = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
    request = urllib.request.Request(url, headers=headers)
    context = ssl.create_default_context(cafile=cert) if parts.scheme == "https" else None
    with urllib.request.urlopen(request, timeout=60, context=context) as response:
        return response.read(), response.headers.get("Content-Type") or "", response.geturl()


def _shown(url: str) -> str:
    """An address without the password that may be in it."""
    parts = urllib.parse.urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl() if parts.netloc else url


def _reason(error: Exception) -> str:
    """Why an address could not be read, and what to do if that is known."""
    if isinstance(error, urllib.error.HTTPError):
        return str(error)
    cause = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(cause, ssl.SSLCertVerificationError):
        return (
            f"its certificate can't be verified ({cause.verify_message}); "
            "on Debian and Ubuntu: sudo apt install ca-certificates"
        )
    if isinstance(cause, FileNotFoundError):
        return "no such file or folder"
    return str(cause) or type(cause).__name__

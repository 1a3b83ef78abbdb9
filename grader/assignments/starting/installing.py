"""How another computer installs the grader that runs here."""

from __future__ import annotations

import importlib.metadata
import re
from typing import Any
from urllib.parse import urlsplit

import msgspec

from grader.model import UsageError

_SAFE_URL = re.compile(r"https://[A-Za-z0-9._~:/@%+=-]+")
"""In a shell command such a URL needs no quotes; it has no query and no fragment."""


def how_to_install() -> str:
    """Return the command that installs this grader from where it came here: the address of an
    archive, or of a commit, on the web (``direct_url.json``, PEP 610). So a class is judged by
    one version throughout.

    Raises UsageError when it came from elsewhere. Never a bare name: the ``grader`` that PyPI has
    is another project.
    """
    source = _source()
    if source is None:
        raise UsageError(
            "this grader was not installed from an address on the web, so CI can't get it there: "
            "say how to install it, with --install 'pip install git+https://...'"
        )
    return f"pip install {source}"


def _source() -> str | None:
    """The address that this grader was installed from, as pip reads it."""
    try:
        text = importlib.metadata.distribution("grader").read_text("direct_url.json")
        origin = msgspec.json.decode(text or "{}", type=dict[str, Any])
    except (importlib.metadata.PackageNotFoundError, OSError, ValueError, msgspec.MsgspecError):
        return None
    url = origin.get("url")
    if not isinstance(url, str) or not _SAFE_URL.fullmatch(url) or origin.get("subdirectory"):
        return None
    if urlsplit(url).username is not None:  # a token, perhaps: not for a repository
        return None
    vcs = origin.get("vcs_info")
    if vcs is None:
        return url if "archive_info" in origin else None
    commit = vcs.get("commit_id") if isinstance(vcs, dict) and vcs.get("vcs") == "git" else None
    if not isinstance(commit, str) or not re.fullmatch(r"[0-9a-f]{7,64}", commit):
        return None
    return f"git+{url}@{commit}"

"""pip is found where pip's own configuration says, and nothing unchecked is run."""

import hashlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tools.package_index import (
    DEFAULT_INDEX,
    Link,
    SetupError,
    Sources,
    configuration_files,
    fetch_pip,
    newest_pip,
    read_page,
    sources,
)

WHEEL = b"not really a wheel"
NAME = "pip-99.1-py3-none-any.whl"
SHA256 = hashlib.sha256(WHEEL).hexdigest()


@pytest.fixture
def index() -> Iterator[tuple[str, dict[str, tuple[str, bytes]]]]:
    """A package index on this machine: its address, and its pages by path."""
    pages: dict[str, tuple[str, bytes]] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            content_type, body = pages.get(self.path, ("", b""))
            self.send_response(200 if content_type else 404)
            self.send_header("Content-Type", content_type)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/simple", pages
    server.shutdown()
    server.server_close()


def test_of_two_settings_the_later_file_wins_and_the_environment_wins_over_files(tmp_path):
    first, second = tmp_path / "first.conf", tmp_path / "second.conf"
    first.write_text("[global]\nindex-url = https://a.example/simple\ncert = /one.crt\n")
    second.write_text("[global]\nindex_url = https://b.example/simple\nfind-links = /x\n  /y\n")
    found = sources({}, [first, second, tmp_path / "missing.conf"])
    assert found == Sources(["https://b.example/simple"], ["/x", "/y"], "/one.crt")
    environ = {"PIP_INDEX_URL": "https://c.example/simple", "PIP_EXTRA_INDEX_URL": "file:///d e"}
    assert sources(environ, [first, second]).indexes[0] == "https://c.example/simple"


def test_without_configuration_it_is_the_public_index(tmp_path):
    assert sources({}, []) == Sources([DEFAULT_INDEX], [], None)
    broken = tmp_path / "pip.conf"
    broken.write_text("index-url = no section\n")
    assert sources({"PIP_NO_INDEX": "1"}, [broken]).indexes == []


def test_the_environment_can_add_or_switch_off_configuration_files(tmp_path):
    usual = configuration_files({}, tmp_path)
    assert configuration_files({"PIP_CONFIG_FILE": "/my.conf"}, tmp_path) == [
        *usual,
        Path("/my.conf"),
    ]
    assert configuration_files({"PIP_CONFIG_FILE": "/dev/null"}, tmp_path) == []


def test_both_kinds_of_index_page_are_read():
    page = (
        f'<a href="../../f/{NAME}#sha256={SHA256}" data-requires-python="&gt;=3.9">{NAME}</a>'
        '<a href="x/pip-100.0-py3-none-any.whl#sha256=0" data-yanked="broken">old</a>'
    )
    html = read_page("https://i.example/simple/pip/", "text/html", page.encode())
    assert html == [Link(NAME, f"https://i.example/f/{NAME}", SHA256, ">=3.9")]
    document = {
        "files": [
            {"filename": NAME, "url": f"/f/{NAME}", "hashes": {"sha256": SHA256}},
            {"filename": "pip-100.0-py3-none-any.whl", "url": "x", "yanked": "broken"},
        ]
    }
    body = json.dumps(document).encode()
    assert read_page("https://i.example/simple/pip/", "application/json", body) == [
        Link(NAME, f"https://i.example/f/{NAME}", SHA256)
    ]


def test_the_newest_release_that_this_python_runs_and_that_can_be_checked():
    def wheel(version: str, sha256: str | None = "0", needs: str | None = None) -> Link:
        name = f"pip-{version}-py3-none-any.whl"
        return Link(name, f"https://i.example/{name}", sha256, needs)

    right = wheel("25.10", needs=">=3.9")
    others = [wheel("25.9"), wheel("26.0", None), wheel("27.0", needs=">=3.99"), wheel("28.0b1")]
    assert newest_pip([*others, right], (3, 11)) == right
    assert newest_pip([Link("pip-25.0.tar.gz", "https://i.example/x", "0")], (3, 11)) is None


def test_a_wheel_is_fetched_and_checked(index, tmp_path):
    url, pages = index
    pages["/simple/pip/"] = ("text/html", f'<a href="/{NAME}#sha256={SHA256}">x</a>'.encode())
    pages[f"/{NAME}"] = ("application/zip", WHEEL)
    wheel = fetch_pip(tmp_path / "tools", Sources([url]))
    assert wheel.read_bytes() == WHEEL
    assert [file.name for file in wheel.parent.iterdir()] == [NAME]


def test_a_wheel_with_another_hash_is_refused(index, tmp_path):
    url, pages = index
    pages["/simple/pip/"] = ("text/html", f'<a href="/{NAME}#sha256={SHA256}">x</a>'.encode())
    pages[f"/{NAME}"] = ("application/zip", b"something else")
    with pytest.raises(SetupError, match="not the file that its index promises"):
        fetch_pip(tmp_path / "tools", Sources([url]))
    assert not (tmp_path / "tools").exists()


def test_indexes_and_folders_on_disk_serve_too(tmp_path):
    folder = tmp_path / "my wheels"
    folder.mkdir()
    (folder / NAME).write_bytes(WHEEL)
    assert fetch_pip(tmp_path / "a", Sources([], [str(folder)])).read_bytes() == WHEEL
    page = tmp_path / "simple/pip"
    page.mkdir(parents=True)
    (page / "index.html").write_text(f'<a href="../../my%20wheels/{NAME}#sha256={SHA256}">x</a>')
    found = fetch_pip(tmp_path / "b", Sources([(tmp_path / "simple").as_uri()]))
    assert found.read_bytes() == WHEEL


def test_when_there_is_none_it_says_what_was_tried_and_no_password(index, tmp_path):
    url, _ = index
    secret = url.replace("http://", "http://me:secret@")
    places = Sources([secret, "http://127.0.0.1:1/simple"], [str(tmp_path / "gone")])
    with pytest.raises(SetupError) as raised:
        fetch_pip(tmp_path / "tools", places)
    message = str(raised.value)
    assert f"{url}: HTTP Error 404" in message
    assert "http://127.0.0.1:1/simple: " in message
    assert "gone: " in message
    assert "python3-venv" in message
    assert "secret" not in message

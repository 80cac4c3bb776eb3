"""The media library, and local files for it."""

import hashlib
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import MISSING

from agent.api.endpoint import LocalFile
from agent.api.media import DeleteMedia, GetMedia, ListMedia, UploadMediaFile, UploadMediaFromUrl
from agent.api.types import Media, Page
from agent.tools import local_file as files
from agent.tools.desk import Unfit
from agent.tools.local_file import local_file, sniff
from tests.tools.helpers import BERLIN, NEW_YORK, Reads, facts, parts, said, unfit

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40

LIBRARY = (
    Media(
        id=1, name="Mugs.JPG", mime_type="image/jpeg", workspace_id=BERLIN, url="https://cdn.example.com/1?signature=x"
    ),
    Media(id=2, name="tour.mov", type="video", workspace_id=BERLIN),
    Media(id=3, name="mugs-detail.png", mime_type="image/png", workspace_id=NEW_YORK),
)


def library(call: ListMedia) -> Page[Media]:
    return Page[Media](data=tuple(m for m in LIBRARY if call.workspace_id in (m.workspace_id, MISSING)), last_page=1)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, [1, 2, 3]),
        ({"name": "mug"}, [1, 3]),
        ({"kind": "video"}, [2]),
        ({"kind": "image", "workspace_id": BERLIN}, [1]),
        ({"limit": 1}, [1]),
    ],
)
def test_media_are_found(given: dict[str, Any], expected: list[int]) -> None:
    told = said("find_media", given, Reads({"ListMedia": library}))
    assert [row["id"] for row in told["media"]] == expected
    assert ("more" in told) == ("limit" in given)
    assert "signature" not in str(told)


def test_media_are_looked_for_in_folder_and_scope() -> None:
    reads = Reads({"ListMedia": library})
    told = said("find_media", {"folder_id": 31}, reads, known=facts(scope=frozenset({NEW_YORK})))
    assert [row["id"] for row in told["media"]] == [3]
    assert reads.asked == [ListMedia(folder_id=31, page=1, per_page=100)]
    assert "no workspace 99" in unfit("find_media", {"workspace_id": 99})


def test_importing_and_deleting() -> None:
    url = "https://example.com/a.jpg"
    made = parts("import_media", {"workspace_id": BERLIN, "urls": [url], "folder_id": 31})
    assert made.calls == (UploadMediaFromUrl(workspace_id=BERLIN, urls=(url,), folder_id=31),)
    assert "no workspace 99" in unfit("import_media", {"workspace_id": 99, "urls": [url]})
    assert "an https address" in unfit("import_media", {"workspace_id": BERLIN, "urls": ["http://example.com/a"]})
    reads = Reads({"GetMedia": LIBRARY[0]})
    assert parts("delete_media", {"media": 1}, reads).calls == (DeleteMedia(media_id=1),)
    assert reads.asked == [GetMedia(media_id=1)]


# -- local files -------------------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An allowed folder with a picture, beside files that are none of anybody's business."""
    inside = tmp_path.resolve() / "pictures"
    (inside / "sub").mkdir(parents=True)
    (inside / ".hidden").mkdir()
    (inside / "mug.png").write_bytes(PNG)
    (inside / "sub" / "mug two.PNG").write_bytes(PNG + b"2")
    (inside / ".hidden" / "mug.png").write_bytes(PNG)
    (inside / ".env.png").write_bytes(PNG)
    (inside / "notes.txt").write_text("secret")
    (inside / "empty.png").touch()
    (tmp_path / "outside.png").write_bytes(PNG)
    (inside / "link.png").symlink_to(tmp_path / "outside.png")
    (inside / "good-link.png").symlink_to(inside / "mug.png")
    os.mkfifo(inside / "pipe.png")
    return inside


def test_an_upload_is_bound_to_the_files_bytes(folder: Path) -> None:
    made = parts(
        "upload_media", {"workspace_id": BERLIN, "path": "mug.png"}, known=facts(folders_allowed=(str(folder),))
    )
    file = LocalFile(
        path=str(folder / "mug.png"),
        name="mug.png",
        mime="image/png",
        size=len(PNG),
        sha256=hashlib.sha256(PNG).hexdigest(),
    )
    assert made.calls == (UploadMediaFile(workspace_id=BERLIN, file=file),)


@pytest.mark.parametrize("path", ["sub/mug two.PNG", "./sub/../sub/mug two.PNG", "{folder}/sub/mug two.PNG"])
def test_a_file_is_found_below_the_folder(folder: Path, path: str) -> None:
    found = local_file(path.format(folder=folder), ("/nowhere", str(folder)))
    assert (found.path, found.name) == (str(folder / "sub" / "mug two.PNG"), "mug two.PNG")


def test_a_link_to_a_file_inside_is_the_file(folder: Path) -> None:
    assert local_file("good-link.png", (str(folder),)).path == str(folder / "mug.png")


NOT_THERE = [
    "../outside.png",
    "link.png",
    "/etc/passwd",
    "{folder}/../outside.png",
    "no.png",
    ".env.png",
    ".hidden/mug.png",
]


@pytest.mark.parametrize("path", NOT_THERE)
def test_what_lies_outside_or_hidden_is_not_there(folder: Path, path: str) -> None:
    with pytest.raises(Unfit, match="There is no file"):
        local_file(path.format(folder=folder), (str(folder),))


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("mgu.png", 'Did you mean "mug.png"?'),
        ("notes.txt", "is no picture or video"),
        ("empty.png", "has 0 bytes"),
        ("sub", "is not a file"),
        ("pipe.png", "is not a file"),
        (" ", "the name of a file is expected"),
        ("a\0b", "the name of a file is expected"),
        ("x" * 200 + "/" + "y" * 5000, "There is no file"),
    ],
)
def test_a_file_that_cannot_be_uploaded(folder: Path, path: str, why: str) -> None:
    with pytest.raises(Unfit) as caught:
        local_file(path, (str(folder),))
    assert why in str(caught.value)


def test_a_file_that_is_too_large(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MOST_BYTES", 10)
    with pytest.raises(Unfit, match="1 to 10"):
        local_file("mug.png", (str(folder),))


def test_no_folder_is_open() -> None:
    with pytest.raises(Unfit, match="No folder is open for uploads"):
        local_file("mug.png", ())


def test_the_name_has_the_ending_of_the_true_type(folder: Path) -> None:
    (folder / "photo.jpg").write_bytes(PNG)
    (folder / "scan.2026").write_bytes(PNG)
    (folder / "odd\u202egpj.png").write_bytes(PNG)
    names = [local_file(name, (str(folder),)).name for name in ("photo.jpg", "scan.2026", "odd\u202egpj.png")]
    assert names == ["photo.png", "scan.2026.png", "odd\\u202egpj.png"]


@pytest.mark.parametrize(
    ("head", "mime"),
    [
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (PNG, "image/png"),
        (b"GIF89a", "image/gif"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"),
        (b"RIFF\0\0\0\0WAVE", ""),
        (b"\0\0\0\x18ftypmp42", "video/mp4"),
        (b"\0\0\0\x14ftypqt  ", "video/quicktime"),
        (b"\0\0\0\x18ftypheic", ""),
        (b"\x1a\x45\xdf\xa3\x01webm", "video/webm"),
        (b"\x1a\x45\xdf\xa3\x01matroska", ""),
        (b"<svg>", ""),
        (b"", ""),
    ],
)
def test_types_are_read_from_bytes(head: bytes, mime: str) -> None:
    assert sniff(head) == mime


@given(st.text(alphabet=st.sampled_from("./\\~abgmnpu:\0\u2025\uff0e %"), max_size=40))
def test_no_path_leaves_the_folder(path: str) -> None:
    root = Path(__file__).resolve().parent
    try:
        found = local_file(path, (str(root),))
    except Unfit:
        return
    assert Path(found.path).is_relative_to(root)

"""What the bytes of pictures and videos tell, against files made by Pillow and by hand."""

import io
import struct
from pathlib import Path

import pytest
from PIL import Image

from agent.api.endpoint import LocalFile
from agent.tools.local_file import local_file
from agent.tools.probe import picture_size, video_seconds


def picture(kind: str, size: tuple[int, int] = (40, 30), orientation: int = 1) -> bytes:
    made = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = orientation
    values = {"exif": exif} if kind in {"JPEG", "WEBP"} else {}
    Image.new("RGB", size).save(made, kind, **values)
    return made.getvalue()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP"])
def test_the_size_of_a_picture(kind: str) -> None:
    assert picture_size(io.BytesIO(picture(kind))) == (40, 30)


def test_a_turned_picture_is_as_people_see_it() -> None:
    assert picture_size(io.BytesIO(picture("JPEG", orientation=6))) == (30, 40)
    assert picture_size(io.BytesIO(picture("JPEG", orientation=3))) == (40, 30)


@pytest.mark.parametrize(
    "data", [b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", picture("PNG")[:20], b"BM" + b"\0" * 60]
)
def test_a_broken_picture_tells_nothing(data: bytes) -> None:
    assert picture_size(io.BytesIO(data)) is None


def box(kind: bytes, content: bytes, *, wide: bool = False) -> bytes:
    if wide:
        return struct.pack(">I4sQ", 1, kind, 16 + len(content)) + content
    return struct.pack(">I4s", 8 + len(content), kind) + content


def header(scale: int, length: int, *, version: int = 0) -> bytes:
    if version:
        return box(b"mvhd", struct.pack(">B3xQQIQ", 1, 0, 0, scale, length) + b"\0" * 80)
    return box(b"mvhd", struct.pack(">B3xIIII", 0, 0, 0, scale, length) + b"\0" * 80)


HEAD = box(b"ftyp", b"isom\0\0\0\0")


@pytest.mark.parametrize(
    ("data", "seconds"),
    [
        (HEAD + box(b"moov", header(1000, 12_500)), 12.5),
        (HEAD + box(b"mdat", b"x" * 100) + box(b"moov", box(b"free", b"") + header(600, 600)), 1.0),
        (
            HEAD + box(b"mdat", b"x", wide=True) + box(b"moov", header(90_000, 2**33, version=1)),
            round(2**33 / 90_000, 3),
        ),
        (HEAD + box(b"moov", header(0, 100)), None),
        (HEAD + box(b"moov", header(1000, 0)), None),
        (HEAD + box(b"moov", header(1000, 2**32 - 1)), None),
        (HEAD + box(b"moov", b""), None),
        (HEAD + box(b"moov", box(b"mvhd", b"\0" * 8)), None),
        (HEAD + struct.pack(">I4s", 3, b"moov"), None),
        (HEAD + struct.pack(">I4s", 5000, b"mdat"), None),
        (HEAD, None),
        (b"", None),
        (b"\x1a\x45\xdf\xa3webm" + b"\0" * 50, None),
    ],
)
def test_the_length_of_a_video(data: bytes, seconds: float | None) -> None:
    assert video_seconds(io.BytesIO(data)) == seconds


def test_a_long_row_of_boxes_is_not_walked_for_ever() -> None:
    assert video_seconds(io.BytesIO(box(b"free", b"") * 10_000 + box(b"moov", header(1, 5)))) is None


def test_a_local_file_carries_what_its_bytes_tell(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(picture("PNG"))
    (tmp_path / "b.mp4").write_bytes(HEAD + box(b"moov", header(1000, 2500)))
    (tmp_path / "c.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 64)

    def told(name: str) -> dict[str, object]:
        file: LocalFile = local_file(name, [str(tmp_path.resolve())])
        return {key: value for key, value in file.model_dump().items() if key in {"width", "height", "seconds"}}

    assert told("a.png") == {"width": 40, "height": 30}
    assert told("b.mp4") == {"seconds": 2.5}
    assert told("c.png") == {}

"""What the bytes of a picture or video tell of its shape and length, for rules that networks have. Never a guess."""

import warnings
from typing import IO

#: Boxes of an MP4 or MOV that are walked through until its header is found.
_MOST_BOXES = 64
_FORMATS = ("JPEG", "PNG", "GIF", "WEBP")


def picture_size(file: IO[bytes]) -> tuple[int, int] | None:
    """Width and height in pixels as a picture is shown, turned as its EXIF says; None where they cannot be read.

    Only the header is read: no pixel is unpacked.
    """
    from PIL import Image  # imported here: few commands ever see a picture, and it takes its time

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a picture that is too large for us is not for the network
            with Image.open(file, formats=_FORMATS) as picture:
                width, height = picture.size
                turned = picture.format in {"JPEG", "WEBP"} and picture.getexif().get(0x0112) in {5, 6, 7, 8}
    except (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError):
        return None
    return (height, width) if turned else (width, height)


def video_seconds(file: IO[bytes]) -> float | None:
    """The length of an MP4 or MOV, from its movie header; None where there is none, or for another kind of file."""
    try:
        size = file.seek(0, 2)
        found = _box(file, 0, size, b"moov")
        header = _box(file, *found, b"mvhd") if found else None
        if header is None:
            return None
        file.seek(header[0])
        return _duration(file.read(32))
    except (OSError, ValueError, IndexError):
        return None


def _duration(header: bytes) -> float | None:
    """Length over time scale, in the narrow or the wide form of the header."""
    wide = header[0] == 1
    scale_at, length_at, width = (20, 24, 8) if wide else (12, 16, 4)
    if len(header) < length_at + width:
        return None
    scale = int.from_bytes(header[scale_at : scale_at + 4])
    length = int.from_bytes(header[length_at : length_at + width])
    unknown = length == 2 ** (8 * width) - 1
    return round(length / scale, 3) if scale and length and not unknown else None


def _box(file: IO[bytes], start: int, end: int, kind: bytes) -> tuple[int, int] | None:
    """Where the content of the first box of a kind begins and ends, between two places of the file."""
    at = start
    for _ in range(_MOST_BOXES):
        if at + 8 > end:
            return None
        file.seek(at)
        head = file.read(16)
        size, content = int.from_bytes(head[:4]), 8
        if size == 1:
            size, content = int.from_bytes(head[8:16]), 16
        size = size or end - at
        if size < content or at + size > end:
            return None
        if head[4:8] == kind:
            return at + content, at + size
        at += size
    return None

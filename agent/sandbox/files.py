"""Files: their kind by name and by their first bytes."""

from pathlib import PurePosixPath

_BY_SUFFIX = {
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".mp4": "video/mp4",
    ".mov": "video/quicktime",
    ".webm": "video/webm",
    ".pdf": "application/pdf",
}
#: How many bytes `sniff` needs.
HEAD = 16


def mime_of_name(name: str) -> str:
    """The MIME type a file name suggests; a picture if it suggests nothing."""
    return _BY_SUFFIX.get(PurePosixPath(name.lower()).suffix, "image/jpeg")


def sniff(head: bytes) -> str | None:
    """The MIME type that a file's first bytes show, or None for kinds the library does not take."""
    starts = {
        b"\xff\xd8\xff": "image/jpeg",
        b"\x89PNG\r\n\x1a\n": "image/png",
        b"GIF87a": "image/gif",
        b"GIF89a": "image/gif",
        b"\x1aE\xdf\xa3": "video/webm",
        b"%PDF-": "application/pdf",
    }
    for start, mime in starts.items():
        if head.startswith(start):
            return mime
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head[4:8] == b"ftyp":
        return "video/quicktime" if head[8:12] == b"qt  " else "video/mp4"
    return None

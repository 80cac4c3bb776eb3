"""Uploads: a form that others can parse, streamed from disk, and never any other file than the approved one."""

import hashlib
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from python_multipart import FormParser
from python_multipart.multipart import Field, File, parse_options_header

from agent.api.client import SLOWEST_UPLOAD
from agent.api.endpoint import LocalFile
from agent.api.media import DeleteMedia, UploadMediaFile
from agent.api.upload import body_headers, upload_body
from agent.errors import NoAnswer, NotSent
from tests.api.helpers import Service, answer, client_of
from tests.api.loopback import Visit, answering, http, loopback

pytestmark = pytest.mark.anyio

MEDIA = b'{"media":{"id":1842,"name":"photo.jpg"}}'
MB = 1024 * 1024


def on_disk(folder: Path, content: bytes, name: str = "photo.jpg", mime: str = "image/jpeg") -> LocalFile:
    """A file as a view completes it."""
    path = folder / "file"
    path.write_bytes(content)
    return LocalFile(
        path=str(path), name=name, mime=mime, size=len(content), sha256=hashlib.sha256(content).hexdigest()
    )


async def sent(call: UploadMediaFile) -> tuple[dict[str, str], list[bytes]]:
    """Headers and chunks of an upload."""
    request = call.request()
    assert request.file is not None
    return body_headers(request), [chunk async for chunk in upload_body(request, request.file)]


def parsed(headers: dict[str, str], body: bytes) -> tuple[dict[str, str], dict[str, tuple[str, bytes]]]:
    """Fields and files of a form, as an independent parser reads them."""
    fields: dict[str, str] = {}
    files: dict[str, tuple[str, bytes]] = {}
    kind, options = parse_options_header(headers["Content-Type"])
    assert kind == b"multipart/form-data"

    def on_field(field: Field) -> None:
        fields[(field.field_name or b"").decode()] = (field.value or b"").decode()

    def on_file(file: File) -> None:
        file.file_object.seek(0)
        files[(file.field_name or b"").decode()] = ((file.file_name or b"").decode(), file.file_object.read())
        file.close()

    parser = FormParser("multipart/form-data", on_field, on_file, boundary=options[b"boundary"])
    parser.write(body)
    parser.finalize()
    return fields, files


@given(st.binary(max_size=3000), st.none() | st.integers(1, 10**9))
@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_what_is_sent_is_a_form_that_others_can_parse(tmp_path: Path, content: bytes, folder: int | None) -> None:
    file = on_disk(tmp_path, content)
    call = UploadMediaFile(workspace_id=12, file=file)
    if folder is not None:
        call = UploadMediaFile(workspace_id=12, file=file, folder_id=folder)
    headers, chunks = await sent(call)
    body = b"".join(chunks)
    assert int(headers["Content-Length"]) == len(body)
    fields, files = parsed(headers, body)
    assert fields == {"workspace_id": "12"} | ({"folder_id": str(folder)} if folder is not None else {})
    assert files == {"file": ("photo.jpg", content)}
    assert b"\r\nContent-Type: image/jpeg\r\n\r\n" in body


NAMES = [
    ("photo.jpg", "photo.jpg"),
    ("Grüße \U0001f600.png", "Grüße \U0001f600.png"),
    ('my "best".png', "my %22best%22.png"),
    ("a\r\nX-Evil: 1.png", "aX-Evil: 1.png"),
    ("back\\slash.png", "back_slash.png"),
    ("semi;colon=1.png", "semi;colon=1.png"),
]


@pytest.mark.parametrize(("name", "read"), NAMES)
async def test_a_file_name_stays_inside_its_quotes(tmp_path: Path, name: str, read: str) -> None:
    headers, chunks = await sent(UploadMediaFile(workspace_id=12, file=on_disk(tmp_path, b"x", name)))
    body = b"".join(chunks)
    assert int(headers["Content-Length"]) == len(body)
    assert f'filename="{read}"\r\n'.encode() in body
    assert parsed(headers, body)[1]["file"][1] == b"x"


async def test_the_same_upload_is_the_same_bytes(tmp_path: Path) -> None:
    call = UploadMediaFile(workspace_id=12, file=on_disk(tmp_path, b"picture"))
    assert await sent(call) == await sent(call)


async def test_a_large_file_is_never_in_memory_as_a_whole(tmp_path: Path) -> None:
    file = on_disk(tmp_path, bytes(24 * MB))
    request = UploadMediaFile(workspace_id=12, file=file).request()
    sizes = []
    tracemalloc.start()
    async for chunk in upload_body(request, file):
        sizes.append(len(chunk))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(sizes) > 50
    assert max(sizes) <= MB
    assert peak < 4 * MB


async def test_an_upload_goes_to_the_upload_host_in_one_request(tmp_path: Path) -> None:
    content = bytes(range(256)) * 4096
    call = UploadMediaFile(workspace_id=12, file=on_disk(tmp_path, content), folder_id=7)
    async with loopback(answering(http(201, MEDIA))) as server:
        client = client_of(url="http://127.0.0.1:9/api/v1", upload_url=server.url)
        assert (await client.send(call)).id == 1842
        await client.close()
    head, _, body = server.heard.partition(b"\r\n\r\n")
    assert head.startswith(b"POST /api/v1/media/upload/file HTTP/1.1\r\n")
    assert b"Transfer-Encoding" not in head
    lines = dict(line.split(": ", 1) for line in head.decode().split("\r\n")[1:])
    assert parsed(lines, body) == ({"workspace_id": "12", "folder_id": "7"}, {"file": ("photo.jpg", content)})


def gone(path: Path) -> None:
    path.unlink()


def grown(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"more")


def shrunk(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-4])


def swapped(path: Path) -> None:
    path.write_bytes(path.read_bytes()[::-1])


@pytest.mark.parametrize("change", [gone, grown, shrunk, swapped])
async def test_a_file_that_is_not_the_approved_one_is_not_uploaded(
    tmp_path: Path, change: Callable[[Path], None]
) -> None:
    async def behave(visit: Visit) -> None:
        whole.append(await visit.request())

    whole: list[bytes] = []
    file = on_disk(tmp_path, b"approved" * 1000)
    change(Path(file.path))
    async with loopback(behave) as server:
        client = client_of(url=server.url)
        with pytest.raises(NotSent) as caught:
            await client.send(UploadMediaFile(workspace_id=12, file=file))
        await client.close()
        await server.visits[0].gone.wait()
    assert whole == [b""], "one try, and the service never had a whole request"
    assert file.path in caught.value.message
    assert "again" in caught.value.hint


async def test_a_lost_answer_to_an_upload_is_unknown(tmp_path: Path) -> None:
    service = Service(httpx.ReadError("reset"), answer(201, {"media": {"id": 1}}))
    client = client_of(service)
    with pytest.raises(NoAnswer):
        await client.send(UploadMediaFile(workspace_id=12, file=on_disk(tmp_path, b"x")))
    await client.close()
    assert len(service.requests) == 1


async def test_an_upload_has_time_for_its_size(tmp_path: Path) -> None:
    client = client_of(Service(answer(200)), deadline=30.0)
    file = on_disk(tmp_path, b"x")
    large = file.model_copy(update={"size": 100 * SLOWEST_UPLOAD})
    assert client.deadline_for(UploadMediaFile(workspace_id=12, file=large).request()) == 130.0
    assert client.deadline_for(DeleteMedia(media_id=1).request()) == 30.0
    await client.close()

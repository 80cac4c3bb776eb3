"""The library: listing, uploads by their bytes, imports, deletion, folders."""

import hashlib
from typing import Any

import pytest

from agent.sandbox.state import State
from tests.sandbox.box import Client, body

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40


async def upload(client: Client, name: str, content: bytes, status: int = 201, **form: Any) -> Any:
    fields = {"workspace_id": "11"} | form
    answer = await client.send("POST", "/media/upload/file", data=fields, files={"file": (name, content)})
    assert answer.status_code == status, answer.text
    return answer.json()


@pytest.mark.anyio
async def test_an_upload_is_kept_by_hash_and_its_kind_is_read_from_its_bytes(client: Client, state: State) -> None:
    made = (await upload(client, "Grün & weiß.jpg", PNG, folder_id="31"))["media"]
    assert (made["name"], made["mime_type"], made["type"]) == ("Grün & weiß.jpg", "image/png", "image")
    assert (made["size"], made["folder_id"], made["is_processing"]) == (len(PNG), 31, False)
    (effect,) = state.effects()
    file = {"name": "Grün & weiß.jpg", "sha256": hashlib.sha256(PNG).hexdigest(), "size": len(PNG)}
    assert effect["body"] == {"workspace_id": "11", "folder_id": "31", "file": file}
    exported = next(item for item in state.export()["media"] if item["id"] == made["id"])
    assert exported["sha256"] == file["sha256"]


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("head", "mime"),
    [
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"GIF89a", "image/gif"),
        (b"RIFF\x00\x00\x00\x00WEBP", "image/webp"),
        (b"\x00\x00\x00\x20ftypisom", "video/mp4"),
        (b"\x00\x00\x00\x14ftypqt  ", "video/quicktime"),
        (b"\x1aE\xdf\xa3", "video/webm"),
        (b"%PDF-1.7", "application/pdf"),
    ],
)
async def test_kinds_of_files(client: Client, head: bytes, mime: str) -> None:
    assert (await upload(client, "x", head + b"\0" * 64))["media"]["mime_type"] == mime


@pytest.mark.anyio
async def test_a_new_video_is_processed_for_a_while(client: Client, state: State) -> None:
    made = (await upload(client, "a.mp4", b"\x00\x00\x00\x20ftypisom"))["media"]
    assert (made["is_processing"], made["progress"]) == (True, 0)
    state.advance(15)
    half = await client.get(f"/media/{made['id']}")
    assert (half["is_processing"], half["progress"]) == (True, 50)
    state.advance(15)
    assert (await client.get(f"/media/{made['id']}"))["progress"] == 100


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("form", "content", "field", "said"),
    [
        ({}, b"hello", "file", "The file field must be a file of type"),
        ({"workspace_id": "99"}, PNG, "workspace_id", "The selected workspace id is invalid."),
        ({"folder_id": "35"}, PNG, "folder_id", "The selected folder id is invalid."),
        ({"workspace_id": "x"}, PNG, "workspace_id", "The workspace id field must be an integer."),
    ],
)
async def test_uploads_that_are_refused(client: Client, form: Any, content: bytes, field: str, said: str) -> None:
    refused = await upload(client, "a.png", content, 422, **form)
    assert refused["errors"][field][0].startswith(said)


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("content_type", "content"),
    [
        ("multipart/form-data; boundary=b", b"--b\r\nContent-Disposition: form-data\r\n"),
        ("multipart/form-data", b"--b--"),
        ("multipart/form-data; boundary=b", b"nonsense"),
        ("application/json", b'{"workspace_id": 11, "file": "x"}'),
    ],
)
async def test_a_body_without_a_file_is_refused(client: Client, content_type: str, content: bytes) -> None:
    answer = await client.send("POST", "/media/upload/file", content=content, headers={"Content-Type": content_type})
    assert answer.status_code == 422


@pytest.mark.anyio
async def test_imports_skip_what_fails_and_may_give_several(client: Client) -> None:
    urls = [
        "https://example.com/a.png",
        "https://broken.example/b.png",
        "https://example.com/missing/c.png",
        "https://social.example/album/42",
        "https://example.com/clip.mp4",
    ]
    made = await client.post("/media/upload/url", {"workspace_id": 11, "urls": urls}, 200)
    assert [item["name"] for item in made["media"]] == ["a.png", "42-1.jpg", "42-2.jpg", "42-3.jpg", "clip.mp4"]
    assert made["count_stored"] == 5
    assert [item["is_processing"] for item in made["media"]] == [False] * 4 + [True]
    nothing = await client.post("/media/upload/url", {"workspace_id": 11, "urls": urls[1:3]}, 200)
    assert nothing == {"media": [], "count_stored": 0}


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"urls": ["https://a.example/x"]}, "workspace_id"),
        ({"workspace_id": 11}, "urls"),
        ({"workspace_id": 11, "urls": []}, "urls"),
        ({"workspace_id": 11, "urls": ["ftp://a.example/x"]}, "urls.0"),
        ({"workspace_id": 11, "urls": ["https://a.example/" + "x" * 2048]}, "urls.0"),
        ({"workspace_id": 11, "urls": ["https://a.example/x"], "folder_id": 35}, "folder_id"),
    ],
)
async def test_imports_that_are_refused(client: Client, sent: Any, field: str) -> None:
    assert field in (await client.post("/media/upload/url", sent, 422))["errors"]


@pytest.mark.anyio
async def test_listing_by_workspace_folder_and_root(client: Client) -> None:
    async def names(**params: Any) -> list[str]:
        return [item["name"] for item in (await client.get("/media", params=params))["data"]]

    assert len(await names()) == 11
    assert await names(workspace_id=12) == ["opening-hours.png", "latte-art.jpg", "cold-brew.jpg"]
    assert await names(folder_id=32) == ["spring-mugs-detail.jpg", "spring-mugs.jpg"]
    assert await names(root_only="true", workspace_id=11) == ["gift-card.webp", "studio-team.jpg"]
    assert await names(root_only=1) == ["opening-hours.png", "gift-card.webp", "studio-team.jpg"]
    assert await names(per_page=3, page=4) == ["spring-mugs-detail.jpg", "spring-mugs.jpg"]
    for params in ({"folder_id": 31, "root_only": 1}, {"workspace_id": 99}, {"folder_id": 35, "workspace_id": 11}):
        await client.get("/media", 422, params=params)


@pytest.mark.anyio
async def test_addresses_are_signed_anew_and_deleted_media_leaves_posts(client: Client, state: State) -> None:
    made = await client.post("/posts", body(content=[{"text": "a", "media": [501, 502]}]))
    before = (await client.get("/media/501"))["url"]
    state.advance(60)
    assert (await client.get("/media/501"))["url"] != before
    assert await client.delete("/media/501") == {"message": "Media deleted successfully"}
    await client.get("/media/501", 404)
    assert [item["id"] for item in (await client.get(f"/posts/{made['id']}"))["content"][0]["media"]] == [502]
    again = await client.put(f"/posts/{made['id']}", {"labels": [21]})
    assert [item["id"] for item in again["content"][0]["media"]] == [502]


@pytest.mark.anyio
async def test_a_deleted_thumbnail_leaves_its_cover(client: Client, state: State) -> None:
    content = [{"text": "a", "media": [505], "cover_image": {"thumbnail": 501, "video_cover_timestamp_ms": 900}}]
    both = await client.post("/posts", body("x", ("youtube", "tiktok"), content=content))
    content = [{"text": "a", "media": [505], "cover_image": {"thumbnail": 501}}]
    only = await client.post("/posts", body("x", ("youtube",), content=content))
    await client.delete("/media/501")
    for post, cover in ((both, {"video_cover_timestamp_ms": 900}), (only, None)):
        assert (await client.get(f"/posts/{post['id']}"))["content"][0]["cover_image"] == cover
        assert (await client.put(f"/posts/{post['id']}", {}))["content"][0]["cover_image"] == cover


@pytest.mark.anyio
async def test_a_post_waits_in_the_queue_for_its_files(client: Client, state: State) -> None:
    video = (await upload(client, "a.mp4", b"\x00\x00\x00\x20ftypisom"))["media"]["id"]
    sent = body("x", ("youtube", "linkedin"), schedule_type="publish_now", content=[{"text": "a", "media": [video]}])
    made = await client.post("/posts", sent)
    state.advance(29)
    waiting = await client.get(f"/posts/{made['id']}")
    assert (waiting["status"], waiting["posted_on"]) == ("IN_QUEUE", [])
    state.advance(1)
    out = await client.get(f"/posts/{made['id']}")
    assert (out["status"], len(out["posted_on"])) == ("PUBLISHED", 1)


@pytest.mark.anyio
async def test_a_post_that_lost_its_files_fails_where_a_file_is_needed(client: Client, state: State) -> None:
    made = await client.post("/posts", body("x", ("instagram", "linkedin"), content=[{"text": "a", "media": [501]}]))
    await client.put(f"/posts/{made['id']}", {"schedule_type": "schedule"})
    await client.delete("/media/501")
    state.advance(24 * 3600)
    out = await client.get(f"/posts/{made['id']}")
    assert out["status"] == "PARTIALLY_FAILED"
    assert [row.get("error") for row in out["platforms"]] == ["Instagram requires media", None]

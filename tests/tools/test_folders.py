"""Folders of the media library: listing, making, changing, deleting them, and which of them are empty."""

from typing import Any

import pytest

from agent.api.folders import CreateFolder, DeleteFolder, GetFolder, ListFolders, UpdateFolder
from agent.api.media import ListMedia
from agent.api.types import Folder, Media, Page
from agent.errors import NotFound
from tests.sandbox.box import shop
from tests.tools.helpers import BERLIN, Box, Reads, parts, said, unfit

FOLDERS = Page[Folder](data=(Folder(id=31, name="Mugs"), Folder(id=32, name="Old", parent_id=31)))


def test_folders_are_one_call() -> None:
    assert parts("list_folders", {"workspace_id": BERLIN}).calls == (ListFolders(workspace_id=BERLIN),)
    assert "no workspace 99" in unfit("list_folders", {"workspace_id": 99})


def test_a_folder_is_made_once_in_its_place() -> None:
    reads = Reads({"ListFolders": FOLDERS})
    made = parts("create_folder", {"workspace_id": BERLIN, "name": "New", "parent_id": 31, "color": "#000000"}, reads)
    assert made.calls == (CreateFolder(workspace_id=BERLIN, name="New", parent_id=31, color="#000000"),)
    assert said("create_folder", {"workspace_id": BERLIN, "name": "MUGS"}, reads)["exists"]["id"] == 31
    beside = parts("create_folder", {"workspace_id": BERLIN, "name": "Old"}, reads)
    assert beside.calls == (CreateFolder(workspace_id=BERLIN, name="Old"),)


FOLDER_CHANGES: dict[str, tuple[dict[str, Any], UpdateFolder]] = {
    "name": ({"name": "x"}, UpdateFolder(folder_id=31, name="x")),
    "color": ({"color": "#000000"}, UpdateFolder(folder_id=31, color="#000000")),
    "place": ({"parent_id": 32}, UpdateFolder(folder_id=31, parent_id=32)),
    "to the top": ({"to_top": True}, UpdateFolder(folder_id=31, parent_id=None)),
}


@pytest.mark.parametrize("case", FOLDER_CHANGES)
def test_a_folder_is_changed(case: str) -> None:
    given, call = FOLDER_CHANGES[case]
    assert parts("update_folder", {"folder": 31} | given).calls == (call,)


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({}, "needs a name"),
        ({"parent_id": 32, "to_top": True}, "one of parent_id and to_top"),
        ({"parent_id": 31}, "cannot lie in itself"),
    ],
)
def test_a_folder_change_is_refused(given: dict[str, Any], why: str) -> None:
    assert why in unfit("update_folder", {"folder": 31} | given)


def test_every_folder_is_read_before_it_is_deleted() -> None:
    shown = {31: FOLDERS.data[0], 32: FOLDERS.data[1], 99: NotFound("GetFolder", "gone")}
    reads = Reads({"GetFolder": lambda call: shown[call.folder_id], "ListMedia": Page[Media](data=(media(7, 32),))})
    made = parts("delete_folders", {"folders": [32, 99, 31, 32]}, reads)
    assert made.calls == (DeleteFolder(folder_id=32), DeleteFolder(folder_id=31))
    assert made.impossible == ("GetFolder folder_id 99: not found.",)
    # What lies in a folder is read with it: the card names it.
    assert reads.asked == [
        GetFolder(folder_id=32),
        ListMedia(folder_id=32, per_page=100),
        GetFolder(folder_id=99),
        GetFolder(folder_id=31),
        ListMedia(folder_id=31, per_page=100),
    ]


# -- what lies in them -------------------------------------------------------------------------------------------------


def folder(number: int, parent: int | None = None) -> Folder:
    return Folder(id=number, name=f"folder {number}", parent_id=parent)


def media(number: int, where: int | None) -> Media:
    return Media(id=number, name="a.png", folder_id=where)


def counted(folders: Page[Folder], *pages: Page[Media]) -> dict[str, Any]:
    reads = Reads({"ListFolders": folders, "ListMedia": lambda call: pages[call.page - 1]})
    return said("list_folders", {"workspace_id": BERLIN, "contents": True}, reads)


def empty(told: dict[str, Any]) -> set[int]:
    return {row["id"] for row in told["folders"] if row.get("empty")}


def test_folders_are_counted_over_all_pages_the_empty_ones_first() -> None:
    told = counted(
        Page[Folder](data=(folder(1), folder(2), folder(3))),
        Page[Media](data=(media(9, 1), media(8, None)), current_page=1, last_page=2),
        Page[Media](data=(media(7, 3), media(6, 3)), current_page=2, last_page=2),
    )
    assert [(row["id"], row["files"], row["folders"]) for row in told["folders"]] == [(2, 0, 0), (1, 1, 0), (3, 2, 0)]
    assert empty(told) == {2} and "more" not in told


NESTS: dict[str, tuple[tuple[Folder, ...], tuple[Media, ...], set[int]]] = {
    "in an empty one": ((folder(1), folder(2, 1)), (), {1, 2}),
    "with a file deep inside": ((folder(1), folder(2, 1), folder(3, 2)), (media(9, 3),), set()),
    "beside one with a file": ((folder(1), folder(2, 1), folder(3, 1)), (media(9, 3),), {2}),
    "with a file above": ((folder(1), folder(2, 1)), (media(9, 1),), {2}),
    "in each other": ((folder(1, 2), folder(2, 1)), (), set()),
    "below one that is not shown": ((folder(2, 99),), (), {2}),
}


@pytest.mark.parametrize("case", NESTS)
def test_a_folder_is_empty_when_nothing_but_empty_folders_lies_in_it(case: str) -> None:
    folders, files, expected = NESTS[case]
    assert empty(counted(Page[Folder](data=folders), Page[Media](data=files, last_page=1))) == expected


def test_nothing_is_called_empty_when_not_everything_was_counted() -> None:
    endless = Reads(
        {
            "ListFolders": Page[Folder](data=(folder(1), folder(2))),
            "ListMedia": lambda call: Page[Media](data=(media(call.page, 1),), has_next=True),
        }
    )
    told = said("list_folders", {"workspace_id": BERLIN, "contents": True}, endless)
    assert [row["files"] for row in told["folders"]] == [10, 0]
    assert empty(told) == set() and "is not known" in told["more"]
    none = Page[Media](data=(), last_page=1)
    for more in (
        Page[Folder](data=(folder(1),), has_next=True),
        Page[Folder](data=(folder(1),), current_page=1, last_page=2),
    ):
        assert empty(counted(more, none)) == set()


def test_the_shops_empty_folder() -> None:
    state = shop()
    box = Box(state)
    told = said("list_folders", {"workspace_id": BERLIN, "contents": True}, box, known=box.facts())
    assert [row["name"] for row in told["folders"] if row.get("empty")] == ["Old ideas"]
    assert {row["name"]: row["files"] for row in told["folders"]} == {
        "Old ideas": 0,
        "Products": 1,
        "Mugs": 2,
        "Videos": 3,
    }
    state.close()

"""What is killed: goals whose effects cover creating, promoting, replying, deleting, uploading, and no card at all."""

from agent.planner.scripted import Step
from tests.house import call, finish
from tests.torture.kills import Scenario

#: The shop's next post and media, made by the first create of a home.
NEW_POST, NEW_MEDIA = 1023, 512
#: A PNG by its first bytes; the sandbox looks at no more.
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8

_DRAFT_AND_SCHEDULE: tuple[Step, ...] = (
    [call("draft_post", workspace_id=11, accounts=[101], text="The kiln is warm again.")],
    [call("schedule_post", post=NEW_POST, at="2026-12-01 09:00")],
)

SHORT = Scenario(
    "short",
    "Draft “The kiln is warm again.” for LinkedIn and schedule it for next Tuesday 9:00",
    (*_DRAFT_AND_SCHEDULE, finish()),
)
POST_AND_REPLY = Scenario(
    "post and reply",
    "Draft “The kiln is warm again.” for LinkedIn, schedule it for next Tuesday 9:00, and answer the first comment of"
    " post 1014: “They do.”",
    (
        *_DRAFT_AND_SCHEDULE,
        [call("list_comments", post=1014)],
        [call("reply_to_comment", comment=5010, text="They do.")],
        finish(),
    ),
)
DELETE = Scenario(
    "delete",
    "Delete the drafts 1004, 1005 and 1007",
    ([call("delete_posts", posts=[1004, 1005, 1007])], finish()),
)
UPLOAD = Scenario(
    "upload",
    "Upload mug.png and draft “The new mug.” with it for LinkedIn, X and Bluesky; schedule it for next Tuesday 9:00",
    (
        [call("upload_media", workspace_id=11, path="mug.png")],
        [call("draft_post", workspace_id=11, accounts=[101, 102, 103], text="The new mug.", media=[NEW_MEDIA])],
        [call("schedule_post", post=NEW_POST, at="2026-12-01 09:00")],
        finish(),
    ),
    files=(("media/mug.png", PICTURE),),
)
SEVERAL = Scenario(
    "several",
    "Draft “The kiln is warm again.” and “The kiln cools down.” for LinkedIn, and answer both comments of post 1014:"
    " “They do.” and “Twelve euros.”",
    (
        [
            call("draft_post", workspace_id=11, accounts=[101], text="The kiln is warm again."),
            call("draft_post", workspace_id=11, accounts=[101], text="The kiln cools down."),
        ],
        [call("list_comments", post=1014)],
        [
            call("reply_to_comment", comment=5010, text="They do."),
            call("reply_to_comment", comment=5011, text="Twelve euros."),
        ],
        finish(),
    ),
    together=True,
)
STANDING = Scenario(
    "standing",
    "Draft “The kiln is warm again.” for LinkedIn and schedule it for next Tuesday 9:00",
    (
        [call("list_labels")],
        [call("draft_post", workspace_id=11, accounts=[101], text="The kiln is warm again.", labels=[21])],
        [call("schedule_post", post=NEW_POST, at="2026-12-01 09:00")],
        finish(),
    ),
    standing=(
        {
            "name": "weekday tips",
            "accounts": [101],
            "label": 21,
            "between": ["09:00", "18:00"],
            "days": ["mon", "tue", "wed", "thu", "fri"],
            "per_day": 1,
            "until": "2026-12-31",
            "signed": "Ana",
        },
    ),
)
SCENARIOS = (POST_AND_REPLY, DELETE, UPLOAD, STANDING)

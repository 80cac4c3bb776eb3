"""Which function does which operation."""

from collections.abc import Callable, Mapping
from typing import Any

from agent.api.catalogue import OPERATIONS
from agent.api.endpoint import Endpoint
from agent.sandbox.context import Context, Reply
from agent.sandbox.handlers import analytics, comments, extras, media, organising, posts, workspaces

Handler = Callable[[Context, Any], Reply]
Prepare = Callable[[Context, Mapping[str, str], Mapping[str, Any]], Mapping[str, Any]]

_HANDLERS: dict[str, Handler] = {
    "ListWorkspaces": workspaces.list_workspaces,
    "ListAccounts": workspaces.list_accounts,
    "DeleteAccount": workspaces.delete_account,
    "ListPosts": posts.list_posts,
    "CreatePost": posts.create_post,
    "GetPost": posts.get_post,
    "UpdatePost": posts.update_post,
    "DeletePost": posts.delete_post,
    "GetPostByUrl": posts.get_post_by_url,
    "GetPostByPlatformPostId": posts.get_post_by_platform_post_id,
    "AnalyzeTwitterPost": extras.analyze_twitter_post,
    "UpdatePostAutoPlug": extras.update_post_auto_plug,
    "UpdatePostCommentModeration": extras.update_post_comment_moderation,
    "UpdatePostContactCollection": extras.update_post_contact_collection,
    "ListComments": comments.list_comments,
    "CreateComment": comments.create_comment,
    "SyncComments": comments.sync_comments,
    "GetComment": comments.get_comment,
    "UpdateComment": comments.update_comment,
    "DeleteComment": comments.delete_comment,
    "HideComment": comments.hide_comment,
    "ListLabels": organising.list_labels,
    "CreateLabel": organising.create_label,
    "GetLabel": organising.get_label,
    "UpdateLabel": organising.update_label,
    "DeleteLabel": organising.delete_label,
    "ListMedia": media.list_media,
    "GetMedia": media.get_media,
    "DeleteMedia": media.delete_media,
    "UploadMediaFile": media.upload_media_file,
    "UploadMediaFromUrl": media.upload_media_from_url,
    "ListFolders": organising.list_folders,
    "CreateFolder": organising.create_folder,
    "GetFolder": organising.get_folder,
    "UpdateFolder": organising.update_folder,
    "DeleteFolder": organising.delete_folder,
    "GetAnalyticsSummary": analytics.get_analytics_summary,
    "GetAnalyticsWorkspace": analytics.get_analytics_workspace,
    "GetAnalyticsPost": analytics.get_analytics_post,
    "SyncPostAnalytics": analytics.sync_post_analytics,
    "GetAnalyticsAccount": analytics.get_analytics_account,
    "ListCampaigns": organising.list_campaigns,
    "CreateCampaign": organising.create_campaign,
    "GetCampaign": organising.get_campaign,
    "UpdateCampaign": organising.update_campaign,
    "DeleteCampaign": organising.delete_campaign,
}
#: What does each operation of the catalogue; a KeyError at the first import means that one has none.
HANDLERS: dict[type[Endpoint[Any]], Handler] = {operation: _HANDLERS[name] for name, operation in OPERATIONS.items()}

#: What a body goes through before it is read as a call.
PREPARE: dict[type[Endpoint[Any]], Prepare] = {
    OPERATIONS["CreatePost"]: posts.prepare_create,
    OPERATIONS["UpdatePost"]: posts.prepare_update,
}

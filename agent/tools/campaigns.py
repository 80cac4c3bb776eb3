"""Tools for campaigns; offered only where they are switched on."""

from agent.api.campaigns import CreateCampaign, DeleteCampaign, GetCampaign, ListCampaigns, UpdateCampaign
from agent.tools.args import Name, ObjectId, WorkspaceId
from agent.tools.desk import Desk, Need, Parts
from agent.tools.lookup import fresh, switched_on, workspace_of
from agent.tools.schema import View


class FindCampaigns(View):
    """All campaigns."""

    tool = "list_campaigns"
    feature = "campaigns"

    def complete(self, desk: Desk) -> Parts:
        switched_on(self.feature, desk)
        return Parts((ListCampaigns(),))


class MakeCampaign(View):
    """Create a campaign."""

    tool = "create_campaign"
    feature = "campaigns"

    workspace_id: WorkspaceId
    name: Name

    def complete(self, desk: Desk) -> Parts:
        switched_on(self.feature, desk)
        workspace_of(self.workspace_id, desk.facts)
        return Parts((CreateCampaign(workspace_id=self.workspace_id, name=self.name),))


class RenameCampaign(View):
    """Rename a campaign."""

    tool = "update_campaign"
    feature = "campaigns"

    campaign: ObjectId
    name: Name

    def complete(self, desk: Desk) -> Parts:
        switched_on(self.feature, desk)
        return Parts((UpdateCampaign(id=self.campaign, name=self.name),))


class RemoveCampaign(View):
    """Delete a campaign."""

    tool = "delete_campaign"
    feature = "campaigns"

    campaign: ObjectId

    def complete(self, desk: Desk) -> Need | Parts:
        switched_on(self.feature, desk)
        # Read first, so that the card shows what goes.
        campaign = fresh(GetCampaign(id=self.campaign), desk)
        return campaign if isinstance(campaign, Need) else Parts((DeleteCampaign(id=self.campaign),))

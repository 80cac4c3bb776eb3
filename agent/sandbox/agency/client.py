"""What the generator knows of one client of the agency."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Client:
    """A client: its workspace, its six accounts, and the words its posts and comments are made of.

    A post is an opening about a thing and an ending; the things fit every opening. `second` tells the second account
    of a network from the first. `questions` are what people ask under posts, `answers` what the client says.
    """

    name: str
    handle: str
    zone: str
    language: str
    slots: tuple[str, ...]
    networks: tuple[str, ...]
    second: str
    openings: tuple[str, ...]
    things: tuple[str, ...]
    endings: tuple[str, ...]
    thread: tuple[str, ...]
    questions: tuple[str, ...]
    answers: tuple[str, ...]
    files: tuple[str, ...]
    campaign: str

    @property
    def slug(self) -> str:
        """The workspace's slug, also the host of its site below `.example`."""
        return self.handle.replace("_", "-")

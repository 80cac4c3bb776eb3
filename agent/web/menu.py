"""The pages in the menu: path, name and icon."""

MENU = (
    ("/", "Review", "inbox"),
    ("/runs", "Runs", "activity"),
    ("/chat", "Chat", "message-circle"),
)

"""The pages in the menu: path, name and icon."""

MENU = (
    ("/", "Review", "inbox"),
    ("/calendar", "Calendar", "calendar-days"),
    ("/runs", "Runs", "activity"),
    ("/chat", "Chat", "messages-square"),
    ("/comments", "Comments", "message-circle"),
    ("/performance", "Performance", "chart-line"),
    ("/policy", "Policy", "shield-check"),
    ("/settings", "Settings", "settings"),
)

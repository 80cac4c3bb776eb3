"""The pages in the menu: path, name, icon, and the role that they are for."""

MENU = (
    ("/", "Review", "inbox", "viewer"),
    ("/calendar", "Calendar", "calendar-days", "viewer"),
    ("/runs", "Runs", "activity", "viewer"),
    ("/chat", "Chat", "messages-square", "editor"),
    ("/comments", "Comments", "message-circle", "viewer"),
    ("/performance", "Performance", "chart-line", "viewer"),
    ("/policy", "Policy", "shield-check", "viewer"),
    ("/settings", "Settings", "settings", "viewer"),
)

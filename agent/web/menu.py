"""The pages in the menu: path, name and icon."""

MENU = (
    ("/", "Review", "inbox"),
    ("/calendar", "Calendar", "calendar-days"),
    ("/comments", "Comments", "messages-square"),
)

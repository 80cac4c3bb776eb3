"""The pages in the menu: path, name and icon."""

MENU = (
    ("/", "Review", "inbox"),
    ("/performance", "Performance", "chart-line"),
    ("/policy", "Policy", "shield-check"),
    ("/settings", "Settings", "settings"),
)

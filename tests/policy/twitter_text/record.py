"""Ask the official npm package what X counts, and keep its answers as data: `answers.json`.

    npm install --prefix FOLDER twitter-text
    python -m tests.policy.twitter_text.record FOLDER

Node is needed only here; the tests read the data.
"""

import json
import os
import random
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).parent
ANSWERS = FOLDER / "answers.json"

#: Texts that have been miscounted somewhere, one by one.
TEXTS = [
    "a" * 280,
    "https://example.com/" + "a" * 80,
    "see example.com now",
    "Read https://example.com/a, then http://example.org.",
    "(see https://en.wikipedia.org/wiki/Rust_(fungus))",
    "HTTPS://EXAMPLE.COM/A example.com?q=1 https://example.com?q=1",
    "https://example.com:8443/a_(b)_c! https://t.co/abc123-more",
    "joe@example.com wrote: wait...is it main.py, README.md or e.g. 3.5?",
    "https://example.comを見て、これはexample.comです",
    "https://münchen.de/über example.рф http://пример.рф/страница",
    "$example.com @example.com #example.com /example.com",
    "“example.com” — example.org… ‘so’ – no",
    "http://192.168.1.1/x http://localhost:8000/ ftp://example.com",
    "https://user:word@example.com/x xhttps://example.com",
    "https://example.newtldxyz/abc go to foo.shop, foo.app/x and foo.zip",
    "foo_bar.com is none, foo_bar.example.com is, foo-bar.com too",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466 \U0001f1ea\U0001f1f9",
    "\U0001f469\U0001f3fd\u200d\U0001f680 ❤️ ❤ © ™ ☎ ☎️ ©️ \U0001f9d1\u200d\U0001f4bb \U0001f1e6\U0001f1e6",
    "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f \U0001f3f3️\u200d\U0001f308 #️⃣ *⃣",
    "\U0001faf6\U0001f3fd \U0001f44d\U0001f3fd 1\ufe0f\u20e3",
    "あいうえお ሀለሐመሠ 안녕 ก็ क्षि е\u0301 e\u0301 \u1112\u1161\u11ab",
    "→ ✓ ½ ² № € \u200b\u200d\u2028 \ufeff",
    "a\u200db\u200c \U0001d400\U0001d401 ﷺ",
    "#one #two＃three #2026 #2026x #ünïcode #日本語 #a_b #a-b #a.b #①",
    "word#tag ##two (#three) #four's #\U0001f389 &#8211; #e\u0301t\u00e9",
    "@ann @bob/list word@cleo .@dan ＠eve @@fay @a_b @averylongnamethatgoesonandon @ann's @日本",
    "mail a@b.example, then @c.example and @d/e",
    "line one\nline two\r\nline three\t#tag\n@ann",
    "http://a.co,http://b.co http://a.co/b,c http://a.co/?x=[1] http://a.co/#top http://a.co/~u/!x",
    "https://example.com/a…more https://example.com/'x' https://example.com/a—b http://example.com/%E3%81%82",
    "http://xn--mnchen-3ya.de http://xn--j6w193g example.xn--p1ai",
]
PIECES = [
    "word",
    "so it is",
    "日本",
    "ሀ",
    "\U0001f389",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467",
    "\U0001f44d\U0001f3fd",
]
PIECES += ["\U0001f1e9\U0001f1ea", "2️⃣", "e\u0301", "…", "—", "“q”", "#tag", "#2", "#été", "＃五", "@ann", "@a_b", "＠u"]
PIECES += [
    "https://example.com/a?b=c&d",
    "http://a.co",
    "example.com",
    "a.io/x",
    "t.co/ab",
    "x@y.com",
    "1.5",
    "e.g.",
    "...",
    "$cash",
]
JOINTS = [" ", " ", " ", "", "\n", ", ", ".", "(", ") ", "/", ":", "-", "'", "、"]


def texts(count: int = 400) -> list[str]:
    """The texts above, and random ones that are always the same."""
    chance = random.Random(4)
    mixed = [
        "".join(chance.choice(PIECES) + chance.choice(JOINTS) for _ in range(chance.randint(1, 7)))
        for _ in range(count)
    ]
    return list(dict.fromkeys([*TEXTS, *mixed]))


def main() -> None:
    environment = {**os.environ, "NODE_PATH": str(Path(sys.argv[1]) / "node_modules")}
    asked = json.dumps(texts())
    done = subprocess.run(
        ["node", FOLDER / "answers.js"], input=asked, capture_output=True, text=True, check=True, env=environment
    )
    told = json.loads(done.stdout)
    rows = ",\n".join(json.dumps(row, ensure_ascii=True) for row in told.pop("answers"))
    head = json.dumps(told)[1:-1]
    ANSWERS.write_text(f'{{{head}, "answers": [\n{rows}\n]}}\n', encoding="utf-8")


if __name__ == "__main__":
    main()

"""The emoji that X reads as one sign of weight 2, as one pattern. Source: the emoji list inside twitter-text 3."""

import regex

# X reads the emoji of Unicode 12 as one sign of weight 2; joined ones that came later it counts part by part.
_FLAG_LETTERS = (  # each first letter, then its second letters
    "A CDEFGILMOQRSTUWXZ B ABDEFGHIJLMNOQRSTVWYZ C ACDFGHIKLMNOPRUVWXYZ D EGJKMOZ E ACEGHRSTU F IJKMOR "
    "G ABDEFGHILMNPQRSTUWY H KMNRTU I CDELMNOQRST J EMOP K EGHIMNPRWYZ L ABCIKRSTUVY M ACDEFGHKLMNOPQRSTUVWXYZ "
    "N ACEFGILOPRUZ O M P AEFGHKLMNRSTWY Q A R EOSUW S ABCDEGHIJKLMNORSTVXYZ T ACDFGHJKLMNORTVWZ U AGMNSYZ "
    "V ACEGINU W FS X K Y ET Z AMW"
)
_TO_INDICATORS = {letter: letter + 0x1F1E6 - ord("A") for letter in range(ord("A"), ord("Z") + 1)}
_FLAG = regex.sub(r"(\w) (\w+) ?", r"\1[\2]|", _FLAG_LETTERS).rstrip("|").translate(_TO_INDICATORS)
_JOIN = r"\u200d"
_VS = r"\ufe0f"
_TONE = "[\U0001f3fb-\U0001f3ff]"
_TONED = r"[\p{Emoji_Modifier_Base}--[👪👯💏💑🤌🤝🤼🥷🫃-🫅🫰-🫿]]"
_ACTIVE = "🏃🏄🏊👮👱👳👷💁💂💆💇🙅🙆🙇🙋🙍🙎🚣🚴🚵🚶🤦🤷🤸🤹🤽🤾🦸🦹🧍🧎🧏🧖🧗🧘🧙🧚🧛🧜🧝"
_CHILDREN = f"(?:👧{_JOIN}[👦👧]|👦{_JOIN}👦|[👦👧])"
X_EMOJI = regex.compile(
    rf"(?:[⛹🏋🏌🕵](?:{_TONE}|{_VS})?|[{_ACTIVE}]{_TONE}?|[👯🤼🧞🧟]){_JOIN}[♂♀]{_VS}?"
    rf"|[👨👩]{_TONE}?{_JOIN}(?:[⚖⚕✈]{_VS}?|[🌾🍳🎓🎤🎨🏫🏭💻💼🔧🔬🚀🚒🦯🦼🦽🦰🦱🦲🦳])"
    rf"|(?:👨{_JOIN}[👨👩]|👩{_JOIN}👩|[👨👩]){_JOIN}{_CHILDREN}"
    rf"|(?:👩{_JOIN}❤{_VS}?{_JOIN}(?:💋{_JOIN})?[👨👩]|👨{_JOIN}❤{_VS}?{_JOIN}(?:💋{_JOIN})?👨)"
    rf"|👩{_JOIN}🤝{_JOIN}[👨👩]|👨{_JOIN}🤝{_JOIN}👨|🧑{_JOIN}🤝{_JOIN}🧑"
    rf"|🏴{_JOIN}☠{_VS}?|🏳{_VS}?{_JOIN}🌈|👁{_VS}?{_JOIN}🗨{_VS}?|🐕{_JOIN}🦺"
    r"|🏴\U000e0067\U000e0062(?:\U000e0065\U000e006e\U000e0067|\U000e0073\U000e0063\U000e0074"
    r"|\U000e0077\U000e006c\U000e0073)\U000e007f"
    rf"|{_FLAG}|[0-9#*]{_VS}?\u20e3|{_TONED}{_TONE}|[©®]{_VS}?"
    rf"|[[\p{{Emoji}}&&\p{{Extended_Pictographic}}]--[\p{{Emoji_Presentation}}⚧]]{_VS}",
    regex.V1,
)
# A text without any of these holds no emoji that weighs otherwise than its signs do.
X_EMOJI_PART = regex.compile(rf"[{_JOIN}{_VS}\u20e3©®🏻-🏿\p{{Regional_Indicator}}\U000e007f]")

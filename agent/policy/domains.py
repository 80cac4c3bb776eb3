"""Web addresses in a text: which endings are domains, and where X's own reading of an address begins and stops.

Pure tables and functions. A link is measured in code points of the text that was handed in.

Sources: the root zone list of IANA (version 2026100300) and the list inside twitter-text 3 (X's own parser, as carried
by twitter-text-parser 3.0.0). An ending that both know is sure to count as a link on X; one that only one of them knows
(too new, or withdrawn) is doubtful. Internationalised endings are kept in their ASCII form.
"""

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

_ENDINGS_IN_BOTH = """
    aaa aarp abb abbott abbvie abc able abogado abudhabi ac academy accenture accountant accountants aco actor ad ads
    adult ae aeg aero aetna af afl africa ag agakhan agency ai aig airbus airforce airtel akdn al alibaba alipay
    allfinanz allstate ally alsace alstom am americanexpress americanfamily amex amfam amica amsterdam analytics android
    anquan anz ao aol apartments app apple aq aquarelle ar arab aramco archi army arpa art arte as asda asia associates
    at athleta attorney au auction audi audible audio auspost author auto autos aw aws ax axa az azure ba baby baidu
    banamex band bank bar barcelona barclaycard barclays barefoot bargains baseball basketball bauhaus bayern bb bbc bbt
    bbva bcg bcn bd be beats beauty beer berlin best bestbuy bet bf bg bh bharti bi bible bid bike bing bingo bio biz bj
    black blackfriday blockbuster blog bloomberg blue bm bms bmw bn bnpparibas bo boats boehringer bofa bom bond boo
    book booking bosch bostik boston bot boutique box br bradesco bridgestone broadway broker brother brussels bs bt
    build builders business buy buzz bv bw by bz bzh ca cab cafe cal call calvinklein cam camera camp canon capetown
    capital capitalone car caravan cards care career careers cars casa case cash casino cat catering catholic cba cbn
    cbre cc cd center ceo cern cf cfa cfd cg ch chanel channel charity chase chat cheap chintai christmas chrome church
    ci cipriani circle cisco citadel citi citic city ck cl claims cleaning click clinic clinique clothing cloud club
    clubmed cm cn co coach codes coffee college cologne com commbank community company compare computer comsec condos
    construction consulting contact contractors cooking cool coop corsica country coupon coupons courses cpa cr credit
    creditcard creditunion cricket crown crs cruise cruises cu cuisinella cv cw cx cy cymru cyou cz dad dance data date
    dating datsun day dclk dds de deal dealer deals degree delivery dell deloitte delta democrat dental dentist desi
    design dev dhl diamonds diet digital direct directory discount discover dish diy dj dk dm dnp do docs doctor dog
    domains dot download drive dtv dubai dupont durban dvag dvr dz earth eat ec eco edeka edu education ee eg email
    emerck energy engineer engineering enterprises epson equipment er ericsson erni es esq estate et eu eurovision eus
    events exchange expert exposed express extraspace fage fail fairwinds faith family fan fans farm farmers fashion
    fast fedex feedback ferrari ferrero fi fidelity fido film final finance financial fire firestone firmdale fish
    fishing fit fitness fj fk flickr flights flir florist flowers fly fm fo foo food football ford forex forsale forum
    foundation fox fr free fresenius frl frogans frontier ftr fujitsu fun fund furniture futbol fyi ga gal gallery gallo
    gallup game games gap garden gay gb gbiz gd gdn ge gea gent genting george gf gg ggee gh gi gift gifts gives giving
    gl glass gle global globo gm gmail gmbh gmo gmx gn godaddy gold goldpoint golf goodyear goog google gop got gov gp
    gq gr grainger graphics gratis green gripe grocery group gs gt gu gucci guge guide guitars guru gw gy hair hamburg
    hangout haus hbo hdfc hdfcbank health healthcare help helsinki here hermes hiphop hisamitsu hitachi hiv hk hkt hm hn
    hockey holdings holiday homedepot homegoods homes homesense honda horse hospital host hosting hot hotels hotmail
    house how hr hsbc ht hu hughes hyatt hyundai ibm icbc ice icu id ie ieee ifm ikano il im imamat imdb immo immobilien
    in inc industries infiniti info ing ink institute insurance insure int international intuit investments io ipiranga
    iq ir irish is ismaili ist istanbul it itau itv jaguar java jcb je jeep jetzt jewelry jio jll jm jmp jnj jo jobs
    joburg jot joy jp jpmorgan jprs juegos kaufen kddi ke kerryhotels kerryproperties kfh kg kh ki kia kim kindle
    kitchen kiwi km kn koeln komatsu kosher kp kpmg kpn kr krd kred kuokgroup kw ky kyoto kz la lacaixa lamborghini
    lamer land landrover lanxess lasalle lat latino latrobe law lawyer lb lc lds lease leclerc lefrak legal lego lexus
    lgbt li lidl life lifeinsurance lifestyle lighting like lilly limited limo lincoln link live living lk llc llp loan
    loans locker locus lol london lotte lotto love lpl lplfinancial lr ls lt ltd ltda lu lundbeck luxe luxury lv ly ma
    madrid maif maison makeup man management mango map market marketing markets marriott marshalls mattel mba mc
    mckinsey md me med media meet melbourne meme memorial men menu merckmsd mg mh miami microsoft mil mini mint mit
    mitsubishi mk ml mlb mls mm mma mn mo mobi mobile moda moe moi mom monash money monster mormon mortgage moscow moto
    motorcycles mov movie mp mq mr ms msd mt mtn mtr mu museum mv mw mx my mz na nab nagoya name navy nba nc ne nec net
    netbank netflix network neustar new news next nextdirect nexus nf nfl ng ngo nhk ni nico nike nikon ninja nissan
    nissay nl no nokia norton now nowruz nowtv np nr nra nrw ntt nu nyc nz obi observer office okinawa olayan
    olayangroup ollo om omega one ong onl online ooo open oracle orange org organic origins osaka otsuka ott ovh pa page
    panasonic paris pars partners parts party pay pccw pe pet pf pfizer pg ph pharmacy phd philips phone photo
    photography photos physio pics pictet pictures pid pin ping pink pioneer pizza pk pl place play playstation plumbing
    plus pm pn pnc pohl poker politie porn post pr praxi press prime pro prod productions prof progressive promo
    properties property protection pru prudential ps pt pub pw pwc py qa qpon quebec quest racing radio re read
    realestate realtor realty recipes red redumbrella rehab reise reisen reit reliance ren rent rentals repair report
    republican rest restaurant review reviews rexroth rich richardli ricoh ril rio rip ro rocks rodeo rogers room rs
    rsvp ru rugby ruhr run rw rwe ryukyu sa saarland safe safety sakura sale salon samsclub samsung sandvik
    sandvikcoromant sanofi sap sarl sas save saxo sb sbi sbs sc scb schaeffler schmidt scholarships school schule
    schwarz science scot sd se search seat secure security seek select sener services seven sew sex sexy sfr sg sh
    shangrila sharp shell shia shiksha shoes shop shopping shouji show si silk sina singles site sj sk ski skin sky
    skype sl sling sm smart smile sn sncf so soccer social softbank software sohu solar solutions song sony soy space
    sport spot sr srl ss st stada staples star statebank statefarm stc stcgroup stockholm storage store stream studio
    study style su sucks supplies supply support surf surgery suzuki sv swatch swiss sx sy sydney systems sz tab taipei
    talk taobao target tatamotors tatar tattoo tax taxi tc tci td tdk team tech technology tel temasek tennis teva tf tg
    th thd theater theatre tiaa tickets tienda tips tires tirol tj tjmaxx tjx tk tkmaxx tl tm tmall tn to today tokyo
    tools top toray toshiba total tours town toyota toys tr trade trading training travel travelers travelersinsurance
    trust trv tt tube tui tunes tushu tv tvs tw tz ua ubank ubs ug uk unicom university uno uol ups us uy uz va
    vacations vana vanguard vc ve vegas ventures verisign versicherung vet vg vi viajes video vig viking villas vin vip
    virgin visa vision viva vivo vlaanderen vn vodka volvo vote voting voto voyage vu wales walmart walter wang wanggou
    watch watches weather weatherchannel webcam weber website wed wedding weibo weir wf whoswho wien wiki williamhill
    win windows wine winners wme woodside work works world wow ws wtc wtf xbox xerox xihuan xin xn--11b4c3d xn--1ck2e1b
    xn--1qqw23a xn--2scrj9c xn--30rr7y xn--3bst00m xn--3ds443g xn--3e0b707e xn--3hcrj9c xn--3pxu8k xn--42c2d9a
    xn--45br5cyl xn--45brj9c xn--45q11c xn--4gbrim xn--54b7fta0cc xn--55qw42g xn--55qx5d xn--5su34j936bgsg xn--5tzm5g
    xn--6frz82g xn--6qq986b3xl xn--80adxhks xn--80ao21a xn--80aqecdr1a xn--80asehdb xn--80aswg xn--8y0a063a xn--90a3ac
    xn--90ae xn--90ais xn--9dbq2a xn--9et52u xn--9krt00a xn--b4w605ferd xn--bck1b9a5dre4c xn--c1avg xn--c2br7g
    xn--cck2b3b xn--cg4bki xn--clchc0ea0b2g2a9gcd xn--czr694b xn--czrs0t xn--czru2d xn--d1acj3b xn--d1alf xn--e1a4c
    xn--eckvdtc9d xn--efvy88h xn--fct429k xn--fhbei xn--fiq228c5hs xn--fiq64b xn--fiqs8s xn--fiqz9s xn--fjq720a
    xn--flw351e xn--fpcrj9c3d xn--fzc2c9e2c xn--fzys8d69uvgm xn--g2xx48c xn--gckr3f0f xn--gecrj9c xn--gk3at1e
    xn--h2breg3eve xn--h2brj9c xn--h2brj9c8c xn--hxt814e xn--i1b6b1a6a2e xn--imr513n xn--io0a7i xn--j1aef xn--j1amh
    xn--j6w193g xn--jvr189m xn--kcrx77d1x4a xn--kprw13d xn--kpry57d xn--kput3i xn--l1acc xn--lgbbat1ad8j xn--mgb9awbf
    xn--mgba3a3ejt xn--mgba3a4f16a xn--mgba7c0bbn0a xn--mgbaam7a8h xn--mgbab2bd xn--mgbah1a3hjkrd xn--mgbai9azgqp6j
    xn--mgbayh7gpa xn--mgbbh1a xn--mgbbh1a71e xn--mgbc0a9azcg xn--mgbca7dzdo xn--mgbcpq6gpa1a xn--mgberp4a5d4ar
    xn--mgbgu82a xn--mgbi4ecexp xn--mgbpl2fh xn--mgbt3dhd xn--mgbtx2b xn--mgbx4cd0ab xn--mix891f xn--mk1bu44c xn--mxtq1m
    xn--ngbc5azd xn--ngbe9e0a xn--ngbrx xn--node xn--nqv7f xn--nqv7fs00ema xn--nyqy26a xn--o3cw4h xn--ogbpf8fl
    xn--otu796d xn--p1acf xn--p1ai xn--pgbs0dh xn--pssy2u xn--q7ce6a xn--q9jyb4c xn--qcka1pmc xn--qxa6a xn--qxam
    xn--rhqv96g xn--rovu88b xn--rvc1e0am3e xn--s9brj9c xn--ses554g xn--t60b56a xn--tckwe xn--tiq49xqyj xn--unup4y
    xn--vermgensberater-ctb xn--vermgensberatung-pwb xn--vhquv xn--vuq861b xn--w4r85el8fhu5dnra xn--w4rs40l xn--wgbh1c
    xn--wgbl6a xn--xhq521b xn--xkc2al3hye2a xn--xkc2dl3a5ee0h xn--y9a3aq xn--yfro4i67o xn--ygbi2ammx xn--zfr164b xxx xyz
    yachts yahoo yamaxun yandex ye yodobashi yoga yokohama you youtube yt yun za zappos zara zero zip zm zone zuerich zw
"""

_ENDINGS_IN_ONE = """
    abarth active adac afamilycompany aigo alfaromeo amazon an avianca bananarepublic bentley bl blanco bnl boots bq
    budapest bugatti cancerresearch cartier caseih cbs ceb chloe chrysler cityeats comcast cookingchannel csc dabur
    dodge doha doosan duck dunlop duns eh epost esurance etisalat everbank fiat flsmidth foodnetwork frontdoor fujixerox
    glade goo goodhands guardian hgtv honeywell hoteles htc iinet intel iselect iveco iwc jcp jlc juniper kerrylogistics
    kids kinder ladbrokes lancaster lancia lancome liaison linde lipsy lixil loft lupin macys maserati mcd mcdonalds meo
    merck metlife mf mobily montblanc mopar movistar mtpc music mutual mutuelle nadex nationwide natura newholland
    northwesternmutual off oldnavy onion onyourside orientexpress pamperedchef panerai passagens piaget pramerica qvc
    raid redstone rightathome rmit rocher sapo sca scjohnson scor ses shaw showtime shriram spa spiegel spreadbetting
    srt starhub statoil swiftcover symantec telecity telefonica tiffany tp travelchannel uconnect um vista vistaprint
    volkswagen vuelos warman web wolterskluwer xfinity xn--3oq18vl8pn36a xn--4dbrk0ce xn--cckwcxetd xn--estv75g
    xn--jlq480n2rg xn--jlq61u9w7b xn--kpu716f xn--mgbaakc7dvf xn--mgbb9fbpob xn--pbt977c xperia zippo
"""

_LONGEST_ENDING = 24
_LONGEST_HOST = 253
_LONGEST_LINK = 4096

# The classes of signs are those of twitter-text: a label may hold any sign but these, a bare domain Latin ones only.
_SPACES = r"\t-\r \x85\xa0\u1680\u180e\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_NO_SIGNS = r"\ufffe\ufeff\uffff\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_NOT_IN_HOST = rf"!'#%&()*+,\\/:;<=>?@\[\]^{{|}}~${_SPACES}{_NO_SIGNS}"
_LABEL_SIGN = rf"[^-_.{_NOT_IN_HOST}]"
_ACCENTS = (
    r"\xc0-\xd6\xd8-\xf6\xf8-\xff\u0100-\u024f\u0253\u0254\u0256\u0257\u0259\u025b\u0263\u0268\u026f\u0272\u0289\u028b"
    r"\u02bb\u0300-\u036f\u1e00-\u1eff"
)
_LATIN = rf"A-Za-z0-9{_ACCENTS}"
_PATH_PAUSE = r"[!*';:,.$%\[\]\u2013~@|&]"
_PATH_END = rf"[-+a-z\u0400-\u04ff0-9=_#/{_ACCENTS}]"
_PATH_ANY = rf"[-+a-z\u0400-\u04ff0-9=_#/{_ACCENTS}!*';:,.$%\[\]\u2013~@|&]"
_PATH_BRACKETS = rf"\((?:{_PATH_ANY}++|{_PATH_ANY}*+\({_PATH_ANY}++\){_PATH_ANY}*+)\)"
_PATH = rf"/(?:{_PATH_PAUSE}*+(?:{_PATH_END}|{_PATH_BRACKETS}))*+"
_QUERY = r"(?:\?(?:[!?*'@();:+$%\[\].,~|]*+[-a-z0-9_&=#/])++)?+"

# Every repetition below is possessive or starts only where a run of its signs starts: the work grows with the text.
_START = re.compile(
    r"(?P<scheme>https?://)"
    rf"|(?<![-.{_LATIN}])(?P<lead>[-.]*+)(?P<bare>(?:[{_LATIN}]++(?:-++[{_LATIN}]++)*+\.)++)",
    re.IGNORECASE,
)
_LABELS = re.compile(rf"(?:{_LABEL_SIGN}++(?:[-_]++{_LABEL_SIGN}++)*+\.)++")
_TAIL = re.compile(rf"(?::\d++)?+(?:{_PATH})?+{_QUERY}", re.IGNORECASE)
_BARE_TAIL = re.compile(rf"(?:(?::\d++)?+{_PATH}{_QUERY})?+", re.IGNORECASE)
_SHORT_LINK_TAIL = re.compile(rf"(?:/[a-z0-9]{{1,40}}+(?![a-z0-9]){_QUERY})?+", re.IGNORECASE)
_ENDING_SIGNS = re.compile(rf"(xn--[-0-9a-z]++)|[^\x00-/:-@\[-`{{-\x7f]{{1,{_LONGEST_ENDING}}}", re.IGNORECASE)
_SCHEME = re.compile(r"https?://", re.IGNORECASE)
_AUTHORITY = re.compile(r"(?:[^\s/?#\uff03@<>\"]++@)?(?:\[[0-9a-f:.]++\]|[-\w.~%]++)", re.IGNORECASE)
# What makes a longer host of a known one: a further label, or everything so far was only a user name and password.
_HOST_GOES_ON = re.compile(r"_|\.[-\w]|:[^/?#\s]*+@", re.ASCII)
_ENDS_WORD = re.compile(r"(?![-+@0-9A-Za-z])")
_NO_SCHEME_AFTER = re.compile(r"[A-Za-z0-9@\uff20$#\uff03\ufffe\ufeff\uffff]")
_NO_DOMAIN_AFTER = re.compile(r"[@$#/\ufffe\ufeff\uffff]")  # the wide forms of @ and # are no obstacle to X
_ACCENT_IN_LABEL = re.compile(rf"[{_ACCENTS}](?=[{_LATIN}])")
_IN_LABEL = re.compile(_LABEL_SIGN)
_OPENING = frozenset("([{\"'“‘„«‹")
_WEIGHT = 23
_DOTTED = re.compile(r"\w\.\w")
_GLUED = 300  # signs before an address that are looked at


@dataclass(frozen=True, slots=True)
class WebLink:
    """One web address: `text[start:end]`, in code points.

    `read_to` is how far X reads it as a link (`start` where X reads none: a numeric or dotless host). `sure` says that
    X is known to count this one as a link, whole; otherwise it may count it as plain text.
    """

    start: int
    end: int
    read_to: int
    sure: bool
    scheme: bool


@lru_cache(maxsize=512)
def web_links(text: str) -> tuple[WebLink, ...]:
    """The web addresses of a text, in order: every one with http(s), and bare domains with a known ending."""
    if "." not in text and "://" not in text:
        return ()
    return tuple(_scan(text))


def _scan(text: str) -> Iterator[WebLink]:
    at = 0
    while found := _START.search(text, at):
        link = _with_scheme(text, found) if found["scheme"] else _bare(text, found)
        at = link.end if link else found.end()
        if link:
            yield link if _stands_apart(text, link) else replace(link, sure=False)


def _stands_apart(text: str, link: WebLink) -> bool:
    """Whether nothing is glued to the front of an address that X might read together with it, and so read neither.

    Only what weighs more as plain text than as a link is worth the look.
    """
    short = 2 * (link.end - link.start) <= _WEIGHT  # a sign weighs 2 at most
    if short or link.start == 0 or not link.sure or text[link.start - 1].isspace():
        return True
    return (link.scheme or text[link.start - 1] in _OPENING) and not _DOTTED.search(_word_before(text, link.start))


def _word_before(text: str, at: int) -> str:
    """What stands right before a place, up to the last blank."""
    before = text[max(0, at - _GLUED) : at]
    return "" if not before or before[-1].isspace() else before.split()[-1]


def _with_scheme(text: str, found: re.Match[str]) -> WebLink | None:
    start, host = found.span("scheme")
    labels = _LABELS.match(text, host)
    domain = _domain(text, host, labels.end()) if labels else None
    if domain is None:
        return _unknown_host(text, start, host)
    stop, known = domain
    end = _stop(_TAIL, text, stop)
    # X's own short links end with their name, whatever follows.
    read_to = _stop(_SHORT_LINK_TAIL, text, stop) if text[host:stop].lower() == "t.co" else end
    if _HOST_GOES_ON.match(text, stop):
        end = max(end, _authority_end(text, host))
    placed = start == 0 or not _NO_SCHEME_AFTER.match(text, start - 1)
    sure = placed and known and end == read_to and end - start <= _LONGEST_LINK and _can_be_host(text[host:stop])
    return WebLink(start, end, read_to, sure, scheme=True)


def _unknown_host(text: str, start: int, host: int) -> WebLink | None:
    end = _authority_end(text, host)
    if end == host:
        return None
    authority = re.split(r"[/?#]", text[host:end], maxsplit=1)[0]
    name = authority.rpartition("@")[2].partition(":")[0].strip(".")
    named = "." in name and not name.rpartition(".")[2].isdigit()
    return WebLink(start, end, end if named else start, sure=False, scheme=True)


def _authority_end(text: str, host: int) -> int:
    """Where an address ends whose host X does not know: before the next one at the latest."""
    further = _SCHEME.search(text, host)
    most = further.start() if further else len(text)
    stop = host + len(text[host : _stop(_AUTHORITY, text, host, most)].rstrip("._~-"))
    return _stop(_TAIL, text, stop, most) if stop > host else host


def _stop(pattern: re.Pattern[str], text: str, at: int, most: int = sys.maxsize) -> int:
    """Where the pattern's match at a place stops; the place itself where there is none."""
    match = pattern.match(text, at, most)
    return match.end() if match else at


def _bare(text: str, found: re.Match[str]) -> WebLink | None:
    first, stop = found.span("bare")
    before = text[found.start() - 1 : found.start()]
    if found["lead"] and not _IN_LABEL.match(before):
        return None
    if _NO_DOMAIN_AFTER.match(before):
        accent = None if before == "/" else _ACCENT_IN_LABEL.search(text, first, stop)
        if accent is None:
            return None
        first = accent.end()
    # "foo_bar.com" is none to X, but "föö_bar.com" holds one.
    named = before != "_" or not _word_before(text, first).isascii()
    domain = _domain(text, first, stop, first_is_name=named)
    if domain is None:
        return None
    end, known = domain
    sure = known and _can_be_host(text[first:end])
    end = _stop(_BARE_TAIL, text, end)
    return WebLink(first, end, end, sure and end - first <= _LONGEST_LINK, scheme=False)


def _domain(text: str, first: int, stop: int, *, first_is_name: bool = True) -> tuple[int, bool] | None:
    """Where the longest domain ends whose labels lie in `text[first:stop]`, and whether it is sure."""
    while stop > first:
        label = text.rfind(".", first, stop - 1) + 1 or first
        a_name = label < stop - 1 and text.find("_", label, stop) < 0 and (label > first or first_is_name)
        if a_name and (ending := _ending(text, stop)):
            return ending
        stop = label
    return None


def _ending(text: str, at: int) -> tuple[int, bool] | None:
    """The known ending that starts at `at`: where it stops, and whether both lists have it."""
    signs = _ENDING_SIGNS.match(text, at)
    if signs is None:
        return None
    if signs[1]:
        return signs.end(), signs[1].lower() in _SURE
    for stop in range(signs.end(), at, -1):
        if _ENDS_WORD.match(text, stop):
            name = text[at:stop].lower()
            if name in _SURE or name in _DOUBTFUL:
                return stop, name in _SURE
    return None


def _can_be_host(domain: str) -> bool:
    if len(domain) > _LONGEST_HOST:
        return False
    try:
        domain.encode("idna")
    except UnicodeError:
        return False
    return True


def _spelled(endings: str) -> frozenset[str]:
    """The endings in both spellings: as they stand, and those in ASCII form in their own script."""
    names = endings.split()
    own = (name.removeprefix("xn--").encode().decode("punycode") for name in names if name.startswith("xn--"))
    return frozenset(names).union(own)


_SURE = _spelled(_ENDINGS_IN_BOTH)
_DOUBTFUL = _spelled(_ENDINGS_IN_ONE)

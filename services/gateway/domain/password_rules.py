"""Which passwords are refused: short ones, the commonest, and what anybody would guess of this person.

After NIST SP 800-63B (2025) and OWASP: length counts, composition does not. The list is our own: words that
lead every published list of leaked passwords, each standing for its forms with digits, signs and look-alikes.
"""

import re
from collections.abc import Iterable
from typing import Literal

Fault = Literal["short", "common", "pattern", "personal"]

SHORTEST = 8
_LOOK_ALIKES = str.maketrans("@4301!$57", "aaeoiisst")
_ENDS = re.compile(r"^[\W\d_]+|[\W\d_]+$")
_WALKS = (
    "01234567890123456789",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiopasdfghjklzxcvbnm",
    "qazwsxedcrfvtgbyhnujmikolp",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik",
    "1q2w3e4r5t6y7u8i9o0p",
    "147258369",
    "zxcvbnmasdfghjklqwertyuiop",
)
_COMMON_WORDS = """
a aa abc admin administrator alexander amanda andrea andrew angel angels anthony apple arsenal asdf
asdfgh ashley august austin babygirl baby bailey banana barcelona baseball basketball batman beautiful
benjamin biteme blessed blink bond brandon brandy bubbles buster butterfly butterfly canada carlos
carolina casino changeme charles charlie cheese chelsea chester chicken chocolate chris christian
cocacola coffee computer cookie cookies cool cowboy cowboys crystal daniel danielle david december
default demo diamond dog dragon dragons eagle eagles eminem english family fender ferrari flower flowers
football forever freedom friend friends fuckyou gateway george gfhjkm ginger goalkeeper golfer google
guest guitar hacker hammer hannah happy harley heather hello helloworld hockey hunter iceman iloveyou
iloveu internet jackson james january jasmine jennifer jessica jesus jonathan jordan joseph joshua
junior justin killer king knight letmein liverpool login london love lovely lover loveyou madison maggie
manager marina marketing martin marvel master matrix matthew maverick melissa mercedes merlin michael
michelle mickey money monkey monster mother mustang mylove naruto nexus nicholas nicole nothing november
october office oracle orange p panties pass passion passphrase passw passwd password passwort patrick
peanut pepper phoenix pokemon porsche princess purple q qq qwer qwert qwerty rachel rainbow ranger
rangers raymond richard robert root samantha samsung samuel sarah scooter secret secure security
september service shadow silver slipknot smokey snoopy soccer sophie spider spiderman spring starwars
startrek stella steven success summer sunday sunflower sunshine superman superstar support sweet system
taiwan taipei tennis test tester testing thomas thunder tigger tiger tinkerbell trustno trustme
university user vanessa victoria victory viking vincent voodoo wachtwoord warrior welcome whatever
william willow windows winner winston winter wizard woaini xbox yamaha yankees zaq zxcv zxcvbn zxcvbnm
"""
_COMMON = frozenset(_COMMON_WORDS.split())


def fault_of(password: str, personal: Iterable[str]) -> Fault | None:
    """Why it is refused; `personal` is what is known of its owner, such as name and e-mail address."""
    if len(password) < SHORTEST:
        return "short"
    plain = password.lower()
    if _is_pattern(plain):
        return "pattern"
    bare = _ENDS.sub("", plain)
    reduced = _ENDS.sub("", plain.translate(_LOOK_ALIKES))
    forms = {bare, reduced, bare.translate(_LOOK_ALIKES)}
    if any(_made_of(form, _COMMON) for form in forms):
        return "common"
    words = {word for text in personal for word in _words(text)}
    if any(form in words or _made_of(form, words) for form in {*forms, plain}):
        return "personal"
    return None


def _is_pattern(plain: str) -> bool:
    """One character or piece again and again, or a walk along the keyboard, the alphabet or the digits."""
    if re.fullmatch(r"(.{1,4}?)\1+.{0,2}", plain):
        return True
    walks = [*_WALKS, *(walk[::-1] for walk in _WALKS)]
    return any(plain in walk * 2 for walk in walks)


def _made_of(text: str, words: Iterable[str]) -> bool:
    """Whether it is one of the words, or one of them twice."""
    known = frozenset(words)
    half = len(text) // 2
    return text in known or (len(text) % 2 == 0 and text[:half] == text[half:] and text[:half] in known)


def _words(text: str) -> set[str]:
    """The pieces of a name or address that are long enough to be recognised."""
    plain = text.lower()
    pieces = {plain, plain.partition("@")[0], plain.replace(" ", ""), *re.split(r"[\s@.+_-]+", plain)}
    return {piece for piece in pieces if len(piece) >= 4}

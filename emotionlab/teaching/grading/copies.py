"""What desktops, browsers, Google Drive and people put round a file's name, and what is no name of a person."""

import re
import unicodedata

_BEFORE = (
    *("copy of", "kopie von", "kopie van", "kopia av", "kopi a[fv]", "salinan dari"),
    *("copie (?:de|du|a|al)", "c[oóò]pia d[ei]"),  # not "Copia" alone, which is a surname too
    "(?:kopi[aeo]|kópi[ae])(?: (?:notatnika|pliku|souboru|sešitu|súboru|tiedostosta))?",
    *("kopij[ae](?: od)?", "koopia", "másolat", "bản sao(?: của)?", "αντίγραφο(?: από)?"),
    *("копи[яе](?: (?:блокнота|файла|на))?", "копія(?: (?:блокнота|записника|файлу))?", "копија(?: од)?"),
    *("(?:نسخة|نسخه) (?:من|از)", "(?:کپی|رونوشت) از", "(?:עותק|העתק) של"),
    *("สำเนา(?:ของ)?", "副本", "コピー", "사본"),
)
"""Regular expressions of what stands before the name of a copy, such as "Copia di". A learner's name stands there too:
so the small word has to follow where the language has one."""

_BEHIND = (
    *("cop(?:y|ie|iere|iar)", "c[oóò]pia", "kopi[aeo]?", "kópia", "kopij[ae]", "koopia", "másolata?", "salinan"),
    *("(?:(?:adlı )?(?:not defterinin|dosyasının) )?kopya(?:sı)?", "bản sao", "sao chép", "αντίγραφο", "αντιγραφή"),
    *("копи[яе]", "копія", "копија", "نسخة", "نسخه", "کپی", "رونوشت", "עותק", "העתק", "สำเนา"),
    *(
        "(?:की )?(?:कॉपी|प्रति)",
        "(?:的 ?)?(?:副本|拷贝|拷貝|複本|複製|复件)",
        "(?:の ?)?コピー",
        "(?:의 ?)?(?:복사본|사본)",
    ),
)
"""What stands behind it, such as "- Kopie". Not Indonesian "- Salin", which is a surname."""

_ANOTHER = r"(?:(?:another|weitere|autre|otra|altra|outra|\d+\.?(?:st|nd|rd|th|e|ème|ª|º)?) )?"  # as Linux counts
_ANYWHERE = ("copy ?of", r"copy\d*", "final", "solved", r"v\d+")  # not "V" alone: an initial


def _one_of(words: tuple[str, ...]) -> re.Pattern:
    """Any of the words where no letter stands next to it; for `\\b` a vowel sign of Hindi or Thai is no letter."""
    any_of_them = "|".join(words).replace(" ", "[ _]")
    return re.compile(rf"(?i)(?<![^\W\d_])(?:{any_of_them})(?![^\W\d_])")


_NOBODY_BEFORE = _one_of((*_BEFORE, *_ANYWHERE))
_NOBODY_BEHIND = _one_of((*(_ANOTHER + words for words in _BEHIND), *_BEFORE, *_ANYWHERE))


def name_before(words: str) -> str:
    """What is left of the words before a notebook's own name that may name somebody; "" when nothing does."""
    return _left(_NOBODY_BEFORE, words)


def name_behind(words: str) -> str:
    """The same for the words behind it."""
    return _left(_NOBODY_BEHIND, words)


def _left(nobody: re.Pattern, words: str) -> str:
    words = unicodedata.normalize("NFC", words)  # macOS writes an é as e and an accent
    left = nobody.sub("", words).strip(" _-–—.:")
    return left if re.search(r"[^\W\d_]", left) else ""

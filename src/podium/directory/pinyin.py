"""Chinese names as they are typed on a Latin keyboard."""

from __future__ import annotations

from functools import lru_cache

from pypinyin import Style, lazy_pinyin


@lru_cache(maxsize=8192)
def pinyin(name: str) -> tuple[str, str]:
    """Full spelling and initials, lower case, letters and digits alone.

    >>> pinyin("浙江省")
    ('zhejiangsheng', 'zjs')
    """
    syllables = [_plain(s) for s in lazy_pinyin(name, style=Style.NORMAL, v_to_u=False)]
    heads = [_plain(s) for s in lazy_pinyin(name, style=Style.FIRST_LETTER, v_to_u=False)]
    return "".join(syllables), "".join(heads)


def _plain(text: str) -> str:
    return "".join(c for c in text.lower() if c.isascii() and c.isalnum())

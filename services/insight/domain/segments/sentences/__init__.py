"""A segment's tree in words: one sentence in zh-TW and one in English, from the same structure."""

from typing import Literal

from services.insight.domain.segments.sentences.chinese import CHINESE
from services.insight.domain.segments.sentences.english import ENGLISH
from services.insight.domain.segments.sentences.grammar import (
    NO_NAMES,
    External,
    Grammar,
    Names,
    phrase,
)
from services.insight.domain.segments.tree import Node

__all__ = ["NO_NAMES", "External", "Language", "Names", "sentence"]

Language = Literal["zh-TW", "en"]
_GRAMMARS: dict[Language, Grammar] = {"zh-TW": CHINESE, "en": ENGLISH}


def sentence(root: Node, language: Language, names: Names = NO_NAMES) -> str:
    """What a valid tree says. Values stand in quotation marks, groups within groups in brackets."""
    grammar = _GRAMMARS[language]
    said = phrase(root, grammar, names)
    return said[0].upper() + said[1:] + grammar.stop

"""What a value must be: `{"op": ">=", "value": 3}`, `{"one_of": ["loyal"]}` and so on, told by its key."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag

# Far above what insight takes, which then says what it would take.
MAX_WHOLE = 1_000_000
Whole = Annotated[int, Field(ge=0, le=MAX_WHOLE)]
Text = Annotated[str, Field(max_length=2000)]
# As exact text in answers; a JSON number or a text in requests.
Number = Annotated[Decimal, Field(max_digits=40)]


class Part(BaseModel):
    """A part of a tree; what nobody reads is refused."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)


def by_key(kinds: Mapping[str, type[BaseModel]]) -> Discriminator:
    """Tells models apart by the key that only one of them has."""
    return Discriminator(
        _tag_by(kinds),
        custom_error_type="kind_not_known",
        custom_error_message=f"must have one of these fields: {', '.join(kinds)}",
    )


def _tag_by(kinds: Mapping[str, type[BaseModel]]) -> Callable[[Any], str | None]:
    def tag(value: Any) -> str | None:
        if isinstance(value, BaseModel):
            return next((f"<{key}>" for key, kind in kinds.items() if isinstance(value, kind)), None)
        keys: Sequence[str] = list(value) if isinstance(value, dict) else []
        return next((f"<{key}>" for key in kinds if key in keys), None)

    return tag


class Compare(Part):
    op: Literal["=", "!=", "<", "<=", ">", ">="]
    value: Number


class Between(Part):
    """Both ends included."""

    between: tuple[Number, Number]


NumericTest = Annotated[
    Annotated[Compare, Tag("<op>")] | Annotated[Between, Tag("<between>")],
    by_key({"op": Compare, "between": Between}),
]


class Above(Part):
    """Than everybody's known values."""

    above: Literal["mean", "median"]


class Below(Part):
    below: Literal["mean", "median"]


class TopPercent(Part):
    """Of those who have a value. 有值的人之中"""

    top_percent: Number


class BottomPercent(Part):
    bottom_percent: Number


class OneOf(Part):
    one_of: list[Text]


class NotOneOf(Part):
    """Is known, and is none of these."""

    not_one_of: list[Text]


class _Contains(Part):
    part: bool = Field(default=False, description="Keywords: a value may be a part of a term. 部分符合")
    by_category: bool = Field(default=False, description="Product lists: values are categories. 以分類比對")


class ContainsAny(_Contains):
    contains_any: list[Text]


class ContainsAll(_Contains):
    contains_all: list[Text]


class ContainsNone(_Contains):
    """None of an empty list is true."""

    contains_none: list[Text]


class Of(Part):
    """Of a map: the value of one key, such as the interest in one category."""

    of: Text
    is_: NumericTest = Field(alias="is")


class Rising(Part):
    """Of a map: the value of this key rose by 10 points or more in 30 days."""

    rising: Text


class Falling(Part):
    falling: Text


class Before(Part):
    before: date


class After(Part):
    after: date


class On(Part):
    on: date


class InLastDays(Part):
    """Today is 1 day."""

    in_last_days: Whole


class MoreThanDaysAgo(Part):
    more_than_days_ago: Whole


class AnniversaryWithinDays(Part):
    """0 is today."""

    anniversary_within_days: Whole


class Month(Part):
    """Of any year, 1 to 12."""

    month: Whole


class Known(Part):
    """Whether there is a value; of a list, whether there is anything in it."""

    known: bool


_KINDS: Mapping[str, type[BaseModel]] = {
    "op": Compare,
    "between": Between,
    "above": Above,
    "below": Below,
    "top_percent": TopPercent,
    "bottom_percent": BottomPercent,
    "one_of": OneOf,
    "not_one_of": NotOneOf,
    "contains_any": ContainsAny,
    "contains_all": ContainsAll,
    "contains_none": ContainsNone,
    "of": Of,
    "rising": Rising,
    "falling": Falling,
    "before": Before,
    "after": After,
    "on": On,
    "in_last_days": InLastDays,
    "more_than_days_ago": MoreThanDaysAgo,
    "anniversary_within_days": AnniversaryWithinDays,
    "month": Month,
    "known": Known,
}
ValueTest = Annotated[
    Annotated[Compare, Tag("<op>")]
    | Annotated[Between, Tag("<between>")]
    | Annotated[Above, Tag("<above>")]
    | Annotated[Below, Tag("<below>")]
    | Annotated[TopPercent, Tag("<top_percent>")]
    | Annotated[BottomPercent, Tag("<bottom_percent>")]
    | Annotated[OneOf, Tag("<one_of>")]
    | Annotated[NotOneOf, Tag("<not_one_of>")]
    | Annotated[ContainsAny, Tag("<contains_any>")]
    | Annotated[ContainsAll, Tag("<contains_all>")]
    | Annotated[ContainsNone, Tag("<contains_none>")]
    | Annotated[Of, Tag("<of>")]
    | Annotated[Rising, Tag("<rising>")]
    | Annotated[Falling, Tag("<falling>")]
    | Annotated[Before, Tag("<before>")]
    | Annotated[After, Tag("<after>")]
    | Annotated[On, Tag("<on>")]
    | Annotated[InLastDays, Tag("<in_last_days>")]
    | Annotated[MoreThanDaysAgo, Tag("<more_than_days_ago>")]
    | Annotated[AnniversaryWithinDays, Tag("<anniversary_within_days>")]
    | Annotated[Month, Tag("<month>")]
    | Annotated[Known, Tag("<known>")],
    by_key(_KINDS),
]

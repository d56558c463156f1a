"""States that are told by several genes together: beside the 31, with ids of their own."""

from services.insight.domain.catalogue.choices import NAPL, NES
from services.insight.domain.catalogue.kinds import Chart, Gene, GeneGroup, ValueType, Words, example_of
from services.insight.domain.segments.tree import OneOf

_NO_UNIT = Words("", "")

DERIVED: tuple[Gene, ...] = (
    Gene(
        1,
        "nes_state",
        Words("顧客動態 NES", "Customer dynamics NES"),
        GeneGroup.VALUE,
        ValueType.CATEGORY,
        unit=_NO_UNIT,
        chart=Chart.BARS,
        definition=Words(
            "距上次消費的回購週期數：一個以內，首購為 N、回購為 E0；二個以內 S1、三個以內 S2，更久 S3",
            "Repurchase cycles since the last order: up to one, N with one order and E0 with more; "
            "up to two S1, up to three S2, more S3",
        ),
        example=example_of("nes_state", OneOf(("s1", "s2"))),
        choices=NES,
    ),
    Gene(
        2,
        "napl_state",
        Words("顧客動態 NAPL", "Customer dynamics NAPL"),
        GeneGroup.VALUE,
        ValueType.CATEGORY,
        unit=_NO_UNIT,
        chart=Chart.BARS,
        definition=Words(
            "最近 90 天內消費：首購 N、回購 A；超過 90 天未消費：買過多次 P、只買過一次 L",
            "Ordered in the last 90 days: N for the first time, A again; "
            "not since: P who ordered more than once, L who ordered once",
        ),
        example=example_of("napl_state", OneOf(("active",))),
        choices=NAPL,
    ),
)

"""The rows of one block for every table of the event store, and how they are written and read back."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, fields
from decimal import Decimal

from services.insight.domain.details import Aspect
from services.insight.domain.money import SCALE
from services.insight.store import native

_ASPECTS = "Enum8(" + ", ".join(f"'{each.name.lower()}' = {each.value}" for each in Aspect) + ")"

# Places that are in a table already: position -> rows.
Places = Mapping[int, Collection[int]]


@dataclass(slots=True)
class TableRows(ABC):
    """Columns of equal length; every table has `position` and `row`, a row's place in identity's stream."""

    tenant_id: list[str] = field(default_factory=list)
    position: list[int] = field(default_factory=list)
    row: list[int] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.position)

    def drop(self, there: Places) -> None:
        """Forget the rows that are in the table already."""
        if there:
            places = zip(self.position, self.row, strict=True)
            self._keep(
                [at for at, (position, row) in enumerate(places) if row not in there.get(position, ())]
            )

    def drop_to(self, position: int) -> None:
        """Forget the rows up to a place."""
        self._keep([at for at, place in enumerate(self.position) if place > position])

    def _keep(self, keep: Sequence[int]) -> None:
        if len(keep) == len(self):
            return
        for column in fields(self):
            values = getattr(self, column.name)
            setattr(self, column.name, [values[index] for index in keep])

    @abstractmethod
    def columns(self) -> list[native.Column]:
        """The columns as the table has them."""

    def _places(self) -> list[native.Column]:
        return [
            ("tenant_id", "UUID", native.identifiers(self.tenant_id)),
            ("position", "UInt64", native.integers(self.position, "<u8")),
            ("row", "UInt32", native.integers(self.row, "<u4")),
        ]


@dataclass(slots=True)
class EventRows(TableRows):
    nid: list[int] = field(default_factory=list)
    nid_kind: list[int] = field(default_factory=list)
    # UTC milliseconds.
    occurred_at: list[int] = field(default_factory=list)
    received_at: list[int] = field(default_factory=list)
    kind: list[int] = field(default_factory=list)
    name: list[str] = field(default_factory=list)
    channel: list[str] = field(default_factory=list)
    is_visit: list[bool] = field(default_factory=list)
    source_kind: list[int] = field(default_factory=list)
    source_key: list[str] = field(default_factory=list)
    message_id: list[str] = field(default_factory=list)
    payload: list[bytes] = field(default_factory=list)

    def columns(self) -> list[native.Column]:
        return [
            *self._places(),
            ("nid", "UInt32", native.integers(self.nid, "<u4")),
            ("nid_kind", "UInt8", bytes(self.nid_kind)),
            ("occurred_at", "DateTime64(3, 'UTC')", native.integers(self.occurred_at, "<i8")),
            ("received_at", "DateTime64(3, 'UTC')", native.integers(self.received_at, "<i8")),
            ("kind", "UInt8", bytes(self.kind)),
            ("name", "String", native.strings(self.name)),
            ("channel", "String", native.strings(self.channel)),
            ("is_visit", "UInt8", bytes(self.is_visit)),
            ("source_kind", "UInt8", bytes(self.source_kind)),
            ("source_key", "String", native.strings(self.source_key)),
            ("message_id", "String", native.strings(self.message_id)),
            ("payload", "String", native.texts(self.payload)),
        ]


@dataclass(slots=True)
class OrderFactRows(TableRows):
    order_id: list[str] = field(default_factory=list)
    name: list[str] = field(default_factory=list)
    status: list[str] = field(default_factory=list)
    value: list[Decimal | None] = field(default_factory=list)
    basis: list[str] = field(default_factory=list)
    currency: list[str] = field(default_factory=list)
    nid: list[int] = field(default_factory=list)
    source_kind: list[int] = field(default_factory=list)
    occurred_at: list[int] = field(default_factory=list)

    def columns(self) -> list[native.Column]:
        return [
            *self._places(),
            ("order_id", "String", native.strings(self.order_id)),
            ("name", "String", native.strings(self.name)),
            ("status", "String", native.strings(self.status)),
            ("value", f"Nullable(Decimal(38, {SCALE}))", native.optional_decimals(self.value, SCALE)),
            ("basis", "String", native.strings(self.basis)),
            ("currency", "String", native.strings(self.currency)),
            ("nid", "UInt32", native.integers(self.nid, "<u4")),
            ("source_kind", "UInt8", bytes(self.source_kind)),
            ("occurred_at", "DateTime64(3, 'UTC')", native.integers(self.occurred_at, "<i8")),
        ]


@dataclass(slots=True)
class TraitRows(TableRows):
    nid: list[int] = field(default_factory=list)
    name: list[str] = field(default_factory=list)
    # JSON text.
    value: list[str] = field(default_factory=list)
    occurred_at: list[int] = field(default_factory=list)

    def columns(self) -> list[native.Column]:
        return [
            *self._places(),
            ("nid", "UInt32", native.integers(self.nid, "<u4")),
            ("name", "String", native.strings(self.name)),
            ("value", "String", native.strings(self.value)),
            ("occurred_at", "DateTime64(3, 'UTC')", native.integers(self.occurred_at, "<i8")),
        ]


@dataclass(slots=True)
class DetailRows(TableRows):
    """Several rows of one place are the lines of one event: they are in the table together or not at all."""

    nid: list[int] = field(default_factory=list)
    occurred_at: list[int] = field(default_factory=list)
    name: list[str] = field(default_factory=list)
    aspect: list[int] = field(default_factory=list)
    order_id: list[str] = field(default_factory=list)
    source_kind: list[int] = field(default_factory=list)
    product: list[str] = field(default_factory=list)
    category: list[str] = field(default_factory=list)
    brand: list[str] = field(default_factory=list)
    value: list[str] = field(default_factory=list)
    quantity: list[Decimal] = field(default_factory=list)
    price: list[Decimal | None] = field(default_factory=list)
    discount: list[Decimal | None] = field(default_factory=list)
    currency: list[str] = field(default_factory=list)
    results: list[int] = field(default_factory=list)
    line: list[int] = field(default_factory=list)

    def columns(self) -> list[native.Column]:
        optional = f"Nullable(Decimal(38, {SCALE}))"
        return [
            *self._places(),
            ("nid", "UInt32", native.integers(self.nid, "<u4")),
            ("occurred_at", "DateTime64(3, 'UTC')", native.integers(self.occurred_at, "<i8")),
            ("name", "String", native.strings(self.name)),
            ("aspect", _ASPECTS, bytes(self.aspect)),
            ("order_id", "String", native.strings(self.order_id)),
            ("source_kind", "UInt8", bytes(self.source_kind)),
            ("product", "String", native.strings(self.product)),
            ("category", "String", native.strings(self.category)),
            ("brand", "String", native.strings(self.brand)),
            ("value", "String", native.strings(self.value)),
            ("quantity", f"Decimal(18, {SCALE})", native.decimals(self.quantity, SCALE)),
            ("price", optional, native.optional_decimals(self.price, SCALE)),
            ("discount", optional, native.optional_decimals(self.discount, SCALE)),
            ("currency", "String", native.strings(self.currency)),
            ("results", "Int32", native.integers(self.results, "<i4")),
            ("line", "UInt16", native.integers(self.line, "<u2")),
        ]


@dataclass(slots=True)
class ReachRows(TableRows):
    profile_id: list[int] = field(default_factory=list)
    channels: list[int] = field(default_factory=list)

    def columns(self) -> list[native.Column]:
        return [
            *self._places(),
            ("profile_id", "UInt32", native.integers(self.profile_id, "<u4")),
            ("channels", "UInt8", bytes(self.channels)),
        ]


@dataclass(slots=True)
class ProfileRows(TableRows):
    nid: list[int] = field(default_factory=list)
    kind: list[int] = field(default_factory=list)
    profile_id: list[int] = field(default_factory=list)

    def columns(self) -> list[native.Column]:
        return [
            *self._places(),
            ("nid", "UInt32", native.integers(self.nid, "<u4")),
            ("kind", "UInt8", bytes(self.kind)),
            ("profile_id", "UInt32", native.integers(self.profile_id, "<u4")),
        ]


@dataclass(slots=True)
class ErasedRows(TableRows):
    nid: list[int] = field(default_factory=list)
    erasure_id: list[str] = field(default_factory=list)

    def columns(self) -> list[native.Column]:
        return [
            *self._places(),
            ("nid", "UInt32", native.integers(self.nid, "<u4")),
            ("erasure_id", "UUID", native.identifiers(self.erasure_id)),
        ]


@dataclass(slots=True)
class ForgottenRows(TableRows):
    deletion_id: list[str] = field(default_factory=list)

    def columns(self) -> list[native.Column]:
        return [*self._places(), ("deletion_id", "UUID", native.identifiers(self.deletion_id))]


@dataclass(slots=True)
class Block:
    """Rows of whole messages, `first_position` to `last_position` of identity's stream."""

    events: EventRows = field(default_factory=EventRows)
    order_facts: OrderFactRows = field(default_factory=OrderFactRows)
    traits: TraitRows = field(default_factory=TraitRows)
    event_details: DetailRows = field(default_factory=DetailRows)
    reachability: ReachRows = field(default_factory=ReachRows)
    profile_of: ProfileRows = field(default_factory=ProfileRows)
    erased_nids: ErasedRows = field(default_factory=ErasedRows)
    forgotten_tenants: ForgottenRows = field(default_factory=ForgottenRows)
    first_position: int = 0
    last_position: int = 0
    # UTC milliseconds; 0 while there is no event.
    newest_received_at: int = 0
    n_messages: int = 0
    n_bytes: int = 0

    @property
    def highest_row(self) -> int:
        """The place of the last message that has a row here; 0 without rows."""
        # Details are of messages that have events.
        tables = (self.events, self.order_facts, self.traits, self.profile_of, self.reachability)
        places = [
            table.position[-1] for table in (*tables, self.erased_nids, self.forgotten_tenants) if len(table)
        ]
        return max(places, default=0)

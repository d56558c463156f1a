"""Identifiers, links, the merge ledger, seen events, the last batch's decisions and intake counts.

`positions` belongs to the cell's one writer and spans tenants, so it has no tenant_id and no policy; it
holds no fact about a person. Times of events are kept as the milliseconds they arrive in.
"""

from alembic import op

from chassis.database import isolate_tenants

revision = "0001"
down_revision = None

# Collation C: equality and beginnings of values are answered by the unique index, whatever the locale.
_IDENTIFIERS = """
create table identifiers (
    tenant_id uuid not null,
    nid integer not null check (nid > 0),
    kind smallint not null check (kind between 1 and 6),
    value text collate "C" not null,
    cluster integer not null,
    profile_id integer not null,
    first_seen_at_ms bigint not null,
    primary key (tenant_id, nid),
    unique (tenant_id, kind, value)
)
"""

# Most identifiers are alone for ever: they cost this index nothing.
_CLUSTERS = "create index identifiers_cluster on identifiers (tenant_id, cluster) where cluster <> nid"
_MEMBERS = "create index identifiers_member on identifiers (tenant_id, profile_id) where kind = 1"

_LINKS = """
create table links (
    tenant_id uuid not null,
    a integer not null,
    b integer not null check (a < b),
    verified boolean not null,
    occurred_at_ms bigint not null,
    message_id text not null,
    place smallint not null,
    refused_reason text not null default '',
    withdrawn_at timestamptz,
    withdrawn_by text,
    primary key (tenant_id, a, b)
)
"""
_LINKS_BACK = "create index links_back on links (tenant_id, b)"
_LINKS_WITHDRAWN = "create index links_withdrawn on links (tenant_id, a, b) where withdrawn_at is not null"

_LEDGER = """
create table ledger (
    tenant_id uuid not null,
    entry bigint generated always as identity,
    map_version bigint not null,
    accepted_to bigint not null,
    cause text not null,
    cluster integer not null,
    link_a integer[] not null,
    link_b integer[] not null,
    message_ids text[] not null,
    nids integer[] not null,
    from_profiles integer[] not null,
    to_profiles integer[] not null,
    recorded_at timestamptz not null default now(),
    primary key (tenant_id, entry)
)
"""
_LEDGER_CLUSTER = "create index ledger_cluster on ledger (tenant_id, cluster)"

# Rows of one level that are joined into one of the next, so that a start reads few large rows.
_SEEN_LOG = """
create table seen_log (
    tenant_id uuid not null,
    level smallint not null,
    accepted_to bigint not null,
    keys bytea not null,
    primary key (tenant_id, level, accepted_to)
)
"""

_DECISIONS = """
create table decisions (
    tenant_id uuid primary key,
    accepted_to bigint not null,
    body bytea not null
)
"""

_INTAKES = """
create table intakes (
    tenant_id uuid primary key,
    nid_high_water integer not null,
    map_version bigint not null,
    received bigint not null,
    counted bigint not null,
    duplicates bigint not null,
    set_aside bigint not null,
    accepted_to bigint not null,
    as_of timestamptz not null default now()
)
"""

_POSITIONS = """
create table positions (
    lane text primary key,
    accepted_to bigint not null,
    tenants uuid[] not null
)
"""

_TENANT_TABLES = ("identifiers", "links", "ledger", "seen_log", "decisions", "intakes")


def upgrade() -> None:
    for statement in (_IDENTIFIERS, _CLUSTERS, _MEMBERS, _LINKS, _LINKS_BACK, _LINKS_WITHDRAWN):
        op.execute(statement)
    for statement in (_LEDGER, _LEDGER_CLUSTER, _SEEN_LOG, _DECISIONS, _INTAKES, _POSITIONS):
        op.execute(statement)
    # Keys are hashes and do not compress; decisions are replaced at once.
    op.execute("alter table seen_log alter column keys set storage external")
    op.execute("alter table decisions alter column body set storage external")
    # Nearly every row of these is replaced again and again.
    for table in ("decisions", "intakes", "positions"):
        op.execute(f"alter table {table} set (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.5)")
    for table in _TENANT_TABLES:
        isolate_tenants(op, table)

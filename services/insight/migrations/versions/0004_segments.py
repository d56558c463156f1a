"""Saved segments, their versions and their frozen snapshots."""

from alembic import op

from chassis.database import isolate_tenants

revision = "0004"
down_revision = "0003"

# `name_key` is the name as it is compared: NFC and without case. `uses` are the ids of segments, snapshots
# and lists that the tree names. `tree` is domain/segments/documents.py's; json, for jsonb refuses \u0000.
_SEGMENTS = """
create table segments (
    tenant_id uuid not null,
    segment_id uuid not null default uuidv7(),
    name text not null,
    name_key text collate "C" not null,
    folder text not null,
    description text not null,
    owner text not null,
    starter text not null,
    tree json not null,
    uses text[] not null,
    number integer not null,
    created_at timestamptz not null default now(),
    changed_at timestamptz not null default now(),
    changed_by text not null,
    archived_at timestamptz,
    primary key (tenant_id, segment_id),
    constraint one_name unique (tenant_id, name_key)
)
"""
_VERSIONS = """
create table segment_versions (
    tenant_id uuid not null,
    segment_id uuid not null,
    number integer not null,
    name text not null,
    tree json not null,
    changed_at timestamptz not null default now(),
    changed_by text not null,
    note text not null,
    primary key (tenant_id, segment_id, number),
    foreign key (tenant_id, segment_id) references segments on delete cascade
)
"""

# `nids` is a roaring bitmap: people are found by their nids whatever was merged or unmerged since.
_SNAPSHOTS = """
create table snapshots (
    tenant_id uuid not null,
    snapshot_id uuid not null default uuidv7(),
    segment_id uuid not null,
    number integer not null,
    nids bytea not null,
    profiles bigint not null,
    position bigint not null,
    taken_at timestamptz not null,
    taken_by text not null,
    note text not null,
    primary key (tenant_id, snapshot_id),
    foreign key (tenant_id, segment_id) references segments on delete cascade
)
"""
_SNAPSHOTS_OF_A_SEGMENT = "create index on snapshots (tenant_id, segment_id, snapshot_id)"

# Tenants whose starter segments were made: those they delete do not come back.
_STARTED = "create table segments_started (tenant_id uuid primary key, at timestamptz not null default now())"


def upgrade() -> None:
    for statement in (_SEGMENTS, _VERSIONS, _SNAPSHOTS, _SNAPSHOTS_OF_A_SEGMENT, _STARTED):
        op.execute(statement)
    for table in ("segments", "segment_versions", "snapshots", "segments_started"):
        isolate_tenants(op, table)

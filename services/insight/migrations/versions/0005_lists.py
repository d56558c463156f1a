"""Uploaded lists of people, their versions, and changes that are still being uploaded."""

from alembic import op

from chassis.database import isolate_tenants

revision = "0005"
down_revision = "0004"

_LISTS = """
create table lists (
    tenant_id uuid not null,
    list_id uuid not null,
    name text not null,
    name_key text collate "C" not null,
    description text not null,
    owner text not null,
    version integer not null default 0,
    identifiers bigint not null default 0,
    unmatched bigint not null default 0,
    created_at timestamptz not null default now(),
    changed_at timestamptz not null default now(),
    primary key (tenant_id, list_id),
    constraint one_list_name unique (tenant_id, name_key)
)
"""
_NEWEST_FIRST = "create index on lists (tenant_id, created_at, list_id)"

# `nids` is a roaring bitmap; of versions older than the one before the present only the fact is kept.
_VERSIONS = """
create table list_versions (
    tenant_id uuid not null,
    list_id uuid not null,
    version integer not null,
    change_id uuid not null,
    mode text not null,
    nids bytea,
    unmatched bigint not null,
    changed_by text not null,
    changed_at timestamptz not null default now(),
    primary key (tenant_id, list_id, version),
    constraint once_a_change unique (tenant_id, list_id, change_id),
    foreign key (tenant_id, list_id) references lists on delete cascade
)
"""

# A change comes in parts and takes effect as a whole.
_PARTS = """
create table list_parts (
    tenant_id uuid not null,
    list_id uuid not null,
    change_id uuid not null,
    part bigint not null,
    nids bytea not null,
    staged_at timestamptz not null default now(),
    primary key (tenant_id, list_id, change_id, part),
    foreign key (tenant_id, list_id) references lists on delete cascade
)
"""


def upgrade() -> None:
    for statement in (_LISTS, _NEWEST_FIRST, _VERSIONS, _PARTS):
        op.execute(statement)
    for table in ("lists", "list_versions", "list_parts"):
        isolate_tenants(op, table)

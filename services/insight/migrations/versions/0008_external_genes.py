"""Goals, and external genes with their values and what became of them."""

from alembic import op

from chassis.database import isolate_tenants

revision = "0008"
down_revision = "0007"

# `tests` are the tests of the event's properties as domain/segments/documents.py writes them.
_GOALS = """
create table goals (
    tenant_id uuid not null,
    goal_id uuid not null,
    name text not null,
    name_key text collate "C" not null,
    description text not null,
    event text not null,
    tests json not null,
    value_property text not null,
    created_at timestamptz not null default now(),
    changed_at timestamptz not null default now(),
    changed_by text not null,
    primary key (tenant_id, goal_id),
    constraint one_goal_name unique (tenant_id, name_key)
)
"""
# `number` is that of the newest change. `held` are the values of now (domain/external/columns.py).
_GENES = """
create table external_genes (
    tenant_id uuid not null,
    gene_id uuid not null,
    name_zh text not null,
    name_en text not null,
    name_key text collate "C" not null,
    type text not null,
    unit text not null,
    origin text not null,
    version text not null,
    description text not null,
    validation json not null,
    owner text not null,
    number integer not null default 0,
    identifiers bigint not null default 0,
    unmatched bigint not null default 0,
    held bytea,
    created_at timestamptz not null default now(),
    changed_at timestamptz not null default now(),
    primary key (tenant_id, gene_id),
    constraint one_external_gene_name unique (tenant_id, name_key)
)
"""
_GENES_NEWEST_FIRST = "create index on external_genes (tenant_id, created_at, gene_id)"

# `history` says whose value became what.
_CHANGES = """
create table external_changes (
    tenant_id uuid not null,
    gene_id uuid not null,
    number integer not null,
    change_id uuid not null,
    mode text not null,
    changed bigint not null,
    unmatched bigint not null,
    changed_by text not null,
    changed_at timestamptz not null,
    history bytea not null,
    primary key (tenant_id, gene_id, number),
    constraint one_external_change unique (tenant_id, gene_id, change_id),
    foreign key (tenant_id, gene_id) references external_genes on delete cascade
)
"""

# A change comes in parts and takes effect as a whole.
_PARTS = """
create table external_parts (
    tenant_id uuid not null,
    gene_id uuid not null,
    change_id uuid not null,
    part bigint not null,
    held bytea not null,
    staged_at timestamptz not null default now(),
    primary key (tenant_id, gene_id, change_id, part),
    foreign key (tenant_id, gene_id) references external_genes on delete cascade
)
"""


def upgrade() -> None:
    for statement in (_GOALS, _GENES, _GENES_NEWEST_FIRST, _CHANGES, _PARTS):
        op.execute(statement)
    for table in ("goals", "external_genes", "external_changes", "external_parts"):
        isolate_tenants(op, table)

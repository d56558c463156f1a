"""A tenant's rules for joining, and the ledger: who asked, and which identifiers an entry is about."""

from alembic import op

from chassis.database import isolate_tenants

revision = "0003"
down_revision = "0002"

# `judged_to`: all identifiers up to this nid are judged by these rules; all up to `judge_to` have to be.
# `superseded`: commands that had not come so far when others took their place.
_RULES = """
create table rules (
    tenant_id uuid primary key,
    version bigint not null,
    limits jsonb not null,
    blocked_values text[] not null,
    phone_country_code text not null,
    judged_to integer not null,
    judge_to integer not null,
    command_id uuid not null,
    superseded uuid[] not null,
    changed_at timestamptz not null default now(),
    changed_by text not null
)
"""

# One row for each identifier that moved or is an end of a link of the entry.
_LEDGER_NIDS = """
create table ledger_nids (
    tenant_id uuid not null,
    nid integer not null,
    entry bigint not null,
    primary key (tenant_id, nid, entry)
)
"""
_KNOWN_NIDS = """
insert into ledger_nids (tenant_id, nid, entry)
select distinct l.tenant_id, about.nid, l.entry
from ledger l cross join lateral unnest(l.nids || l.link_a || l.link_b) as about (nid)
"""

# What the rules, or the size of a group, keep from joining is looked for by both ends.
_OUTSIDE = [
    f"create index links_outside_{end} on links (tenant_id, {end}, refused_reason) "
    "where refused_reason in ('BLOCKED_VALUE', 'CLUSTER_TOO_LARGE')"
    for end in "ab"
]


def upgrade() -> None:
    for statement in (_RULES, _LEDGER_NIDS, *_OUTSIDE):
        op.execute(statement)
    # The policy is for everybody, and this is about all tenants at once.
    op.execute("alter table ledger no force row level security")
    op.execute(_KNOWN_NIDS)
    # Until now only events changed anything; "link" is a teammate's word from here on.
    op.execute("update ledger set cause = 'events'")
    op.execute("alter table ledger force row level security")
    op.execute("alter table ledger drop column cluster")
    op.execute("alter table ledger add column actor text not null default ''")
    op.execute("alter table ledger alter column actor drop default")
    for table in ("rules", "ledger_nids"):
        isolate_tenants(op, table)

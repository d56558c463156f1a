"""Entries of the ledger are numbered by tenant: their gaps told how much happened at the neighbours'."""

from alembic import op

from chassis.database import isolate_tenants

revision = "0006"
down_revision = "0005"

# Beside the ledger, because the number of an entry that was erased is not used again.
_LEDGER_MARKS = """
create table ledger_marks (
    tenant_id uuid primary key,
    entries bigint not null
)
"""
_KNOWN = """
insert into ledger_marks (tenant_id, entries) select tenant_id, max(entry) from ledger group by tenant_id
"""


def upgrade() -> None:
    op.execute(_LEDGER_MARKS)
    # The policy is for everybody, and this is about all tenants at once.
    op.execute("alter table ledger no force row level security")
    op.execute(_KNOWN)
    op.execute("alter table ledger force row level security")
    op.execute("alter table ledger alter column entry drop identity")
    isolate_tenants(op, "ledger_marks")

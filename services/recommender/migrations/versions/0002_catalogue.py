"""Products."""

from alembic import op

from chassis.database import isolate_tenants

revision = "0002"
down_revision = "0001"

# `content` is a hash of what the shop said: equal means that nothing changed.
_PRODUCTS = """
create table products (
    tenant_id uuid not null,
    product_id text collate "C" not null,
    name text not null,
    brand text not null,
    category text[] not null,
    price numeric,
    currency text not null,
    url text not null,
    image_url text not null,
    in_stock boolean,
    attributes jsonb not null,
    content bytea not null,
    added_at timestamptz not null default now(),
    changed_at timestamptz not null default now(),
    primary key (tenant_id, product_id)
)
"""


def upgrade() -> None:
    op.execute(_PRODUCTS)
    isolate_tenants(op, "products")

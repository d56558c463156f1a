"""The gateway's tables, as the migrations made them."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from chassis.database import tenant_column

metadata = sa.MetaData()
_TIME = sa.DateTime(timezone=True)
_ID = sa.Uuid(as_uuid=False)

tenants = sa.Table(
    "tenants",
    metadata,
    tenant_column(),
    sa.Column("name", sa.Text),
    sa.Column("time_zone", sa.Text),
    sa.Column("currency", sa.Text),
    sa.Column("locale", sa.Text),
    sa.Column("settings", JSONB),
    sa.Column("events_per_second", sa.Double),
    sa.Column("calls_per_second", sa.Double),
    sa.Column("demo", sa.Boolean),
    sa.Column("second_factor_required", sa.Boolean),
    sa.Column("retention_days", sa.Integer),
    sa.Column("keep_first_seen", sa.Boolean),
    sa.Column("keep_orders", sa.Boolean),
    sa.Column("session_minutes", sa.Integer),
    sa.Column("slowing_days", sa.Integer),
    sa.Column("dormant_days", sa.Integer),
    sa.Column("lost_days", sa.Integer),
    sa.Column("loyal_orders", sa.Integer),
    sa.Column("loyal_days", sa.Integer),
    sa.Column("price_after_discount", sa.Boolean),
    sa.Column("order_counts", sa.Text),
    sa.Column("return_days", sa.Integer),
    sa.Column("season_on", sa.Date),
    sa.Column("season_before_on", sa.Date),
    sa.Column("closing_at", _TIME),
    sa.Column("created_at", _TIME),
    sa.Column("changed_at", _TIME),
)

keys = sa.Table(
    "keys",
    metadata,
    tenant_column(),
    sa.Column("key_id", _ID),
    sa.Column("kind", sa.Text),
    sa.Column("name", sa.Text),
    sa.Column("hash", sa.LargeBinary),
    sa.Column("prefix", sa.Text),
    sa.Column("last4", sa.Text),
    sa.Column("allowed_origins", ARRAY(sa.Text)),
    sa.Column("scopes", ARRAY(sa.Text)),
    sa.Column("created_at", _TIME),
    sa.Column("last_used_at", _TIME),
    sa.Column("expires_at", _TIME),
    sa.Column("revoked_at", _TIME),
    sa.Column("replaced_by", _ID),
    sa.Column("changed_at", _TIME),
)

teammates = sa.Table(
    "teammates",
    metadata,
    sa.Column("teammate_id", _ID),
    sa.Column("email", sa.Text),
    sa.Column("name", sa.Text),
    # NULL for whoever came by single sign-on only.
    sa.Column("password_hash", sa.Text),
    sa.Column("language", sa.Text),
)

memberships = sa.Table(
    "memberships",
    metadata,
    tenant_column(),
    sa.Column("teammate_id", _ID),
    sa.Column("role", sa.Text),
    sa.Column("created_at", _TIME),
)

sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("token_hash", sa.LargeBinary),
    sa.Column("teammate_id", _ID),
    sa.Column("session_id", _ID),
    sa.Column("chosen_tenant", _ID),
    sa.Column("only_tenant", _ID),
    sa.Column("method", sa.Text),
    sa.Column("second_factor", sa.Boolean),
    sa.Column("browser", sa.Text),
    sa.Column("address", sa.Text),
    sa.Column("created_at", _TIME),
    sa.Column("authenticated_at", _TIME),
    sa.Column("last_used_at", _TIME),
    sa.Column("expires_at", _TIME),
)

bad_rows = sa.Table(
    "bad_rows",
    metadata,
    tenant_column(),
    sa.Column("seq", sa.BigInteger),
    sa.Column("row", sa.Integer),
    sa.Column("stage", sa.Text),
    sa.Column("reason", sa.Text),
    sa.Column("detail", sa.Text),
    sa.Column("payload", sa.LargeBinary),
    sa.Column("message_id", sa.Text),
    sa.Column("key_id", sa.Text),
    sa.Column("key_kind", sa.Text),
    sa.Column("received_at", _TIME),
    sa.Column("call", sa.SmallInteger),
    sa.Column("sent_at", sa.Text),
    sa.Column("copy_key", sa.LargeBinary),
    sa.Column("fingerprinted", sa.Boolean),
    sa.Column("status", sa.Text),
    sa.Column("replayed_at", _TIME),
)

positions = sa.Table(
    "positions",
    metadata,
    sa.Column("stream", sa.Text),
    sa.Column("base", sa.BigInteger),
    sa.Column("position", sa.BigInteger),
)

requests = sa.Table(
    "requests",
    metadata,
    sa.Column("idempotency_key", sa.Text),
    sa.Column("fingerprint", sa.LargeBinary),
    sa.Column("subject", _ID),
    sa.Column("salt", sa.LargeBinary),
    sa.Column("created_at", _TIME),
)

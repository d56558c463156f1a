-- The event store. Every row carries its place in identity's stream (position, row): a restarted writer
-- reads back what is there and skips it, and every answer is bounded by a position.
--
-- Partitions are months of receipt, not of occurrence: an insert touches one partition and is whole or not
-- there, and imported decades do not become hundreds of partitions.

create table if not exists events
(
    tenant_id UUID,
    -- The dense number of the event's highest identifier; never rewritten. The map nid -> profile moves.
    nid UInt32,
    nid_kind UInt8,
    occurred_at DateTime64(3, 'UTC') codec(Delta, ZSTD(1)),
    received_at DateTime64(3, 'UTC') codec(Delta, ZSTD(1)),
    kind UInt8,
    name LowCardinality(String),
    channel LowCardinality(String),
    is_visit UInt8,
    source_kind UInt8,
    source_key LowCardinality(String),
    message_id String codec(ZSTD(1)),
    payload String codec(ZSTD(3)),
    position UInt64 codec(Delta, ZSTD(1)),
    row UInt32 codec(ZSTD(1)),
    -- The read-back of a restarted writer asks for the newest places only.
    index places position type minmax granularity 1,
    -- What reports over a range of time need, without the width of the rest.
    projection by_time
    (
        select tenant_id, occurred_at, received_at, nid, kind, name, channel, is_visit, position
        order by tenant_id, occurred_at
    )
)
engine = {engine:}
partition by toYYYYMM(received_at)
order by (tenant_id, nid, occurred_at, position, row)
-- A profile's page reads a few granules with their payloads; 8192 rows would be megabytes.
settings index_granularity = 1024;

-- One row for each order event. `value` is null where `basis` is none or unreadable.
create table if not exists order_facts
(
    tenant_id UUID,
    order_id String,
    name LowCardinality(String),
    status LowCardinality(String),
    value Nullable(Decimal(38, 4)),
    basis LowCardinality(String),
    -- Empty: the tenant's own.
    currency LowCardinality(String),
    nid UInt32,
    source_kind UInt8,
    occurred_at DateTime64(3, 'UTC') codec(Delta, ZSTD(1)),
    position UInt64 codec(Delta, ZSTD(1)),
    row UInt32 codec(ZSTD(1)),
    index places position type minmax granularity 1,
    projection by_nid (select tenant_id, nid, order_id, position order by tenant_id, nid),
    projection by_time (select tenant_id, occurred_at, order_id, position order by tenant_id, occurred_at)
)
engine = {engine:}
order by (tenant_id, order_id, position, row)
settings index_granularity = 1024;

-- One row for each trait of an identify event; the latest by (occurred_at, position, row) wins.
create table if not exists traits
(
    tenant_id UUID,
    nid UInt32,
    name LowCardinality(String),
    value String codec(ZSTD(1)),
    occurred_at DateTime64(3, 'UTC') codec(Delta, ZSTD(1)),
    position UInt64 codec(Delta, ZSTD(1)),
    row UInt32 codec(ZSTD(1)),
    index places position type minmax granularity 1
)
engine = {engine:}
order by (tenant_id, nid, name, occurred_at, position, row)
settings index_granularity = 1024;

-- The map nid -> profile as identity announced it. As of a position W a nid belongs to the profile_id of its
-- row with the highest position <= W; a nid without a row is its own profile and no member.
create table if not exists profile_of
(
    tenant_id UUID,
    nid UInt32,
    kind UInt8,
    profile_id UInt32,
    position UInt64 codec(Delta, ZSTD(1)),
    row UInt32 codec(ZSTD(1)),
    index places position type minmax granularity 1,
    projection by_profile
    (
        select tenant_id, profile_id, nid, position order by tenant_id, profile_id
    )
)
engine = {engine:}
order by (tenant_id, nid, position)
settings index_granularity = 1024;

-- What genes read from inside of events: one row a line, a word, a click or a source, taken from the payload when the
-- event is written (domain/details.py says how).
--
-- item: a line of product_viewed, product_added, product_removed, order_completed, order_updated.
-- term: what was searched for; topic: a topic of an article: both in `value`.
-- clicked: the channel of a clicked message in `value`: email, line, sms, push.
-- source: where a visit came from in `value`; `category` says utm or referrer.
-- order: the discount of an order report as a whole, where it names one.
create table if not exists event_details
(
    tenant_id UUID,
    nid UInt32,
    occurred_at DateTime64(3, 'UTC') codec(Delta, ZSTD(1)),
    -- Of the event.
    name LowCardinality(String),
    aspect Enum8('item' = 1, 'term' = 2, 'topic' = 3, 'clicked' = 4, 'source' = 5, 'order' = 6),
    -- As in order_facts; empty for what is no report of an order.
    order_id String codec(ZSTD(1)),
    source_kind UInt8,
    product String codec(ZSTD(1)),
    -- A full path "a > b > c".
    category String codec(ZSTD(1)),
    brand String codec(ZSTD(1)),
    value String codec(ZSTD(1)),
    quantity Decimal(18, 4) codec(ZSTD(1)),
    price Nullable(Decimal(38, 4)) codec(ZSTD(1)),
    discount Nullable(Decimal(38, 4)) codec(ZSTD(1)),
    position UInt64 codec(Delta, ZSTD(1)),
    row UInt32 codec(ZSTD(1)),
    -- Counts from 0 within one event and aspect.
    line UInt16,
    index places position type minmax granularity 1
)
engine = {engine:}
order by (tenant_id, nid, occurred_at, position, row, line)
settings index_granularity = 1024, non_replicated_deduplication_window = 100;

-- By which channels a profile may be sent messages, as identity announced it; the newest row by (position, row) counts.
create table if not exists reachability
(
    tenant_id UUID,
    profile_id UInt32,
    -- Bits: 1 email, 2 sms, 4 line.
    channels UInt8,
    position UInt64 codec(Delta, ZSTD(1)),
    row UInt32 codec(ZSTD(1)),
    index places position type minmax granularity 1
)
engine = {engine:}
order by (tenant_id, profile_id, position)
settings non_replicated_deduplication_window = 100;

-- How far the details of events up to `boundary`, written before there were any, are taken. Keys of events in the
-- order of that table; the newest row counts, and `done` says that nothing is left.
create table if not exists detail_backfills
(
    step UInt64,
    boundary UInt64,
    tenant_id UUID,
    nid UInt32,
    occurred_at DateTime64(3, 'UTC'),
    position UInt64,
    row UInt32,
    done UInt8,
    at DateTime64(3, 'UTC') default now64(3, 'UTC')
)
engine = {engine:}
order by step;

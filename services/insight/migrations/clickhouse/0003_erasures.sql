-- Who was erased, which tenants were forgotten, what remains of deleted events, and how far files are clean.

-- Every question leaves these nids out, for ever: four bytes a nid, and no late row can show a person again.
-- nid 0 stands for an erasure that named none.
create table if not exists erased_nids
(
    tenant_id UUID,
    nid UInt32,
    erasure_id UUID,
    position UInt64 codec(Delta, ZSTD(1)),
    row UInt32 codec(ZSTD(1)),
    hidden_at DateTime64(3, 'UTC') default now64(3, 'UTC'),
    index places position type minmax granularity 1
)
engine = {engine:}
order by (tenant_id, nid, position)
settings index_granularity = 1024, non_replicated_deduplication_window = 100;

create table if not exists forgotten_tenants
(
    tenant_id UUID,
    deletion_id UUID,
    position UInt64 codec(Delta, ZSTD(1)),
    row UInt32 codec(ZSTD(1)),
    index places position type minmax granularity 1
)
engine = {engine:}
order by (tenant_id, position)
settings non_replicated_deduplication_window = 100;

-- When a nid did its first thing, where retention has deleted the event itself. Of several rows the earliest counts.
create table if not exists first_seen
(
    tenant_id UUID,
    nid UInt32,
    first_at DateTime64(3, 'UTC') codec(Delta, ZSTD(1))
)
engine = {engine:}
order by (tenant_id, nid)
settings index_granularity = 1024;

-- Deletions of rows, by the place up to which everything was written when they began: rows up to there may be
-- missing and must not be written again. `finished`: no file holds what was to be deleted up to there.
-- It lies beside the files it speaks of, so that both come from one backup.
create table if not exists cleanings
(
    position UInt64,
    finished UInt8,
    at DateTime64(3, 'UTC') default now64(3, 'UTC')
)
engine = {engine:}
order by position;

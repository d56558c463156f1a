-- Tenants of whom retention has deleted events, orders or traits: what was read of them before counts too much.
create table if not exists shortened
(
    tenant_id UUID,
    position UInt64,
    at DateTime64(3, 'UTC') default now64(3, 'UTC')
)
engine = {engine:}
order by (tenant_id, position);

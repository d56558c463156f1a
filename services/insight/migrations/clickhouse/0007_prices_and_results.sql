-- What reports on products and searches read of details: the currency of a price, and how much a search found.
--
-- `currency` is "" where the event names none, then it is the tenant's own; "?" on rows from before this version, whose
-- price is therefore not known. `results` is below 0 where the event does not say, and on rows from before.
alter table event_details add column if not exists currency LowCardinality(String) default '?';
alter table event_details add column if not exists results Int32 default -1 codec(ZSTD(1));

-- An insert whose answer never came may finish after it was repeated; its token is then known, and it adds
-- nothing. Replicated tables have such a window by themselves.

alter table events modify setting non_replicated_deduplication_window = 100;
alter table order_facts modify setting non_replicated_deduplication_window = 100;
alter table traits modify setting non_replicated_deduplication_window = 100;
alter table profile_of modify setting non_replicated_deduplication_window = 100;

-- Most questions are about few people, who lie everywhere: a piece that must be unpacked for one of them is as small as
-- a granule, for a tenth more on the disk. Holds for parts that are written from now on.
alter table events modify setting min_compress_block_size = 8192;
alter table event_details modify setting min_compress_block_size = 8192;
alter table order_facts modify setting min_compress_block_size = 8192;

-- Each of them is looked for in every part. A month in which nothing arrives any more becomes one.
alter table events modify setting min_age_to_force_merge_seconds = 3600, min_age_to_force_merge_on_partition_only = 1;

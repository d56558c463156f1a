"""The engine's configuration: modest caches and threads, limits, and whether inserts wait for the disk."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes for a laptop with two cores; bytes, seconds."""

    server_memory: int = 3_000_000_000
    query_memory: int = 1_500_000_000
    threads: int = 2
    query_seconds: int = 300
    fsync: bool = True
    # Compiling an expression costs more than a laptop's rows save, unless it is asked again and again.
    compile_after: int = 30
    # How long files that a merge or a deletion replaced stay on the disk: ClickHouse's own default.
    old_parts_seconds: int = 480


def write_configuration(directory: Path, limits: Limits) -> Path:
    """Write the engine's configuration below `directory`; returns the file to open it with."""
    users = directory / "users.xml"
    users.write_text(_users(limits), "utf-8")
    config = directory / "config.xml"
    config.write_text(_config(limits, users), "utf-8")
    return config


def _config(limits: Limits, users: Path) -> str:
    fsync = int(limits.fsync)
    # How often a table is looked over for files to remove; an idle one less and less often.
    look = max(1, min(30, limits.old_parts_seconds))
    return f"""<clickhouse>
  <users_config>{users}</users_config>
  <max_server_memory_usage>{limits.server_memory}</max_server_memory_usage>
  <mark_cache_size>67108864</mark_cache_size>
  <uncompressed_cache_size>0</uncompressed_cache_size>
  <index_mark_cache_size>16777216</index_mark_cache_size>
  <index_uncompressed_cache_size>0</index_uncompressed_cache_size>
  <query_condition_cache_size>16777216</query_condition_cache_size>
  <mmap_cache_size>0</mmap_cache_size>
  <background_pool_size>2</background_pool_size>
  <background_schedule_pool_size>4</background_schedule_pool_size>
  <background_common_pool_size>2</background_common_pool_size>
  <background_move_pool_size>1</background_move_pool_size>
  <background_fetches_pool_size>1</background_fetches_pool_size>
  <merge_tree>
    <fsync_after_insert>{fsync}</fsync_after_insert>
    <fsync_part_directory>{fsync}</fsync_part_directory>
    <old_parts_lifetime>{limits.old_parts_seconds}</old_parts_lifetime>
    <cleanup_delay_period>{look}</cleanup_delay_period>
    <cleanup_delay_period_random_add>{look // 3}</cleanup_delay_period_random_add>
    <max_cleanup_delay_period>{10 * look}</max_cleanup_delay_period>
    <number_of_free_entries_in_pool_to_execute_mutation>1</number_of_free_entries_in_pool_to_execute_mutation>
    <number_of_free_entries_in_pool_to_lower_max_size_of_merge>1</number_of_free_entries_in_pool_to_lower_max_size_of_merge>
    <number_of_free_entries_in_pool_to_execute_optimize_entire_partition>1</number_of_free_entries_in_pool_to_execute_optimize_entire_partition>
  </merge_tree>
</clickhouse>
"""


def _users(limits: Limits) -> str:
    return f"""<clickhouse>
  <profiles><default>
    <implicit_select>0</implicit_select>
    <max_threads>{limits.threads}</max_threads>
    <max_insert_threads>1</max_insert_threads>
    <min_count_to_compile_expression>{limits.compile_after}</min_count_to_compile_expression>
    <min_count_to_compile_aggregate_expression>{limits.compile_after}</min_count_to_compile_aggregate_expression>
    <min_count_to_compile_sort_description>{limits.compile_after}</min_count_to_compile_sort_description>
    <max_memory_usage>{limits.query_memory}</max_memory_usage>
    <max_execution_time>{limits.query_seconds}</max_execution_time>
    <max_bytes_before_external_group_by>{limits.query_memory // 2}</max_bytes_before_external_group_by>
    <max_bytes_before_external_sort>{limits.query_memory // 2}</max_bytes_before_external_sort>
  </default></profiles>
  <users><default>
    <password></password><networks><ip>127.0.0.1</ip></networks>
    <profile>default</profile><quota>default</quota>
  </default></users>
  <quotas><default/></quotas>
</clickhouse>
"""

"""What statements may contain (heads, settings, engines, system tables) and which functions may not run."""


def words(text: str) -> frozenset[str]:
    return frozenset(text.split())


READ_HEADS = frozenset({"SELECT", "WITH", "(", "EXISTS", "DESCRIBE", "DESC", "SHOW", "EXPLAIN"})
HEADS = READ_HEADS | {
    "INSERT",
    "CREATE",
    "ALTER",
    "DROP",
    "TRUNCATE",
    "OPTIMIZE",
    "RENAME",
    "EXCHANGE",
    "DELETE",
    "UPDATE",
    "SYSTEM",
}
CREATE_KINDS = frozenset({"DATABASE", "TABLE", "VIEW", "MATERIALIZED", "DICTIONARY"})
SYSTEM_ACTIONS = frozenset({"FLUSH", "REFRESH", "WAIT"})

# Adjacent words that reach files, other servers or other users' rights.
FORBIDDEN_PAIRS = frozenset(
    {
        ("INTO", "OUTFILE"),
        ("FROM", "INFILE"),
        ("INTO", "FUNCTION"),
        ("TABLE", "FUNCTION"),
        ("ON", "CLUSTER"),
        ("PARALLEL", "WITH"),
        ("SQL", "SECURITY"),
        ("DEFINER", "="),
        ("TO", "DISK"),
        ("TO", "VOLUME"),
        ("SHOW", "PROCESSLIST"),
        ("SHOW", "USERS"),
        ("SHOW", "GRANTS"),
        ("SHOW", "ACCESS"),
    }
)
FORBIDDEN_WORDS = {"ALTER": frozenset({"FREEZE", "UNFREEZE", "FETCH", "EXPORT"})}

# Table functions (all of the engine's but generators and views), and functions that read files, ask
# other services, or tell about the machine. A test compares this list with the engine's own.
FORBIDDEN_FUNCTIONS = words(
    """
    arrowstream azureblobstorage azureblobstoragecluster bigquery cluster clusterallreplicas cosn
    deltalake deltalakeazure deltalakeazurecluster deltalakecluster deltalakelocal deltalakes3
    deltalakes3cluster dictionary eval executable file filecluster filesystem fuzzjson fuzzquery gcs
    hdfs hdfscluster hudi hudicluster iceberg icebergazure icebergazurecluster icebergcluster
    iceberghdfs iceberghdfscluster iceberglocal iceberglocalcluster icebergs3 icebergs3cluster input
    jdbc loop merge mergetreeanalyzeindexes mergetreeanalyzeindexesuuid mergetreecodecblockcounts
    mergetreeindex mergetreeprojection mergetreetextindex mongodb mysql odbc oss paimon paimonazure
    paimonazurecluster paimoncluster paimonhdfs paimonhdfscluster paimonlocal paimons3
    paimons3cluster postgresql prometheusquery prometheusqueryrange python redis remote remotesecure
    s3 s3cluster sqlite timeseriesdata timeseriesmetricfamilies timeseriesmetrics timeseriessamples
    timeseriesselector timeseriestags url urlcluster viewifpermitted ytsaurus catboostevaluate disk
    filesystemavailable filesystemcapacity filesystemunreserved getclienthttpheader getmacro
    getoskernelversion
    fullhostname serveruuid currentrequesturl viewexplain
    getserverport getserversetting hostname fqdn showcertificate sleep
    sleepeachrow addresstoline addresstolinewithinlines addresstosymbol demangle meilimatch
    """
)

SYSTEM_TABLES = frozenset(
    {"one", "numbers", "settings", "functions", "table_functions", "merge_tree_settings", "build_options"}
    | {"tables", "columns", "parts", "databases", "mutations", "merges", "dictionaries", "view_refreshes"}
    | {"projections", "data_skipping_indices", "parts_columns"}
)
# Of these a user sees the rows of the own database: column that names it.
FILTERED_SYSTEM_TABLES = {
    "tables": "database",
    "columns": "database",
    "parts": "database",
    "databases": "name",
    "mutations": "database",
    "merges": "database",
    "dictionaries": "database",
    "view_refreshes": "database",
    "projections": "database",
    "data_skipping_indices": "database",
    "parts_columns": "database",
}

ENGINES = frozenset(
    {"Memory", "Null", "Set", "Join", "Log", "TinyLog", "StripeLog", "View", "MaterializedView", "Dictionary"}
    | {"Atomic"}
)

# Settings a request or a statement may change; limits, paths, addresses and access are not among them.
SETTINGS = words(
    """
    max_threads max_insert_threads max_block_size max_insert_block_size min_insert_block_size_rows
    min_insert_block_size_bytes max_execution_time max_result_rows max_result_bytes
    result_overflow_mode max_rows_to_read max_bytes_to_read read_overflow_mode timeout_overflow_mode
    max_rows_in_set max_bytes_before_external_group_by max_bytes_before_external_sort
    group_by_two_level_threshold group_by_two_level_threshold_bytes max_memory_usage limit offset
    extremes final session_timezone date_time_input_format date_time_output_format join_algorithm
    join_use_nulls distinct_overflow_mode group_by_use_nulls transform_null_in
    aggregate_functions_null_for_empty optimize_move_to_prewhere optimize_read_in_order
    optimize_aggregation_in_order use_skip_indexes use_skip_indexes_if_final
    do_not_merge_across_partitions_select_final force_primary_key force_index_by_date
    optimize_use_projections use_query_cache use_query_condition_cache mutations_sync
    lightweight_deletes_sync alter_sync insert_deduplicate insert_deduplication_token
    deduplicate_blocks_in_dependent_materialized_views async_insert wait_for_async_insert
    optimize_on_insert max_partitions_per_insert_block input_format_null_as_default
    input_format_skip_unknown_fields input_format_defaults_for_omitted_fields
    input_format_allow_errors_num
    input_format_arrow_skip_columns_with_unsupported_types_in_schema_inference
    input_format_parallel_parsing output_format_parallel_formatting
    output_format_json_quote_64bit_integers output_format_json_quote_decimals
    output_format_arrow_string_as_string output_format_arrow_low_cardinality_as_dictionary
    output_format_native_encode_types_in_binary_format
    output_format_native_use_flattened_dynamic_and_json_serialization
    cast_string_to_dynamic_use_inference cast_keep_nullable allow_suspicious_low_cardinality_types
    allow_experimental_json_type enable_json_type allow_nondeterministic_mutations
    enable_lightweight_update allow_experimental_lightweight_update compile_expressions
    query_plan_optimize_prewhere log_comment decimal_check_overflow max_query_size max_ast_elements
    max_expanded_ast_elements exact_rows_before_limit enable_analyzer prefer_localhost_replica
    enable_parallel_replicas type_json_skip_duplicated_paths short_circuit_function_evaluation
    """
)
TABLE_SETTINGS = words(
    """
    index_granularity index_granularity_bytes min_bytes_for_wide_part min_rows_for_wide_part
    ttl_only_drop_parts merge_with_ttl_timeout non_replicated_deduplication_window
    replicated_deduplication_window enable_mixed_granularity_parts min_age_to_force_merge_seconds
    min_age_to_force_merge_on_partition_only parts_to_delay_insert parts_to_throw_insert
    max_parts_in_total fsync_after_insert fsync_part_directory allow_nullable_key
    enable_block_number_column enable_block_offset_column deduplicate_merge_projection_mode
    lightweight_mutation_projection_mode max_bytes_to_merge_at_max_space_in_pool
    number_of_free_entries_in_pool_to_execute_mutation old_parts_lifetime
    add_minmax_index_for_numeric_columns max_suspicious_broken_parts max_compress_block_size
    min_compress_block_size
    """
)

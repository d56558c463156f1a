-- Places up to which the stream was read though its last messages brought no row: a writer that starts again could not
-- tell otherwise that it has passed them, and what every reader has passed leaves the stream.
create table if not exists silences
(
    position UInt64,
    at DateTime64(3, 'UTC') default now64(3, 'UTC')
)
engine = {engine:}
order by position;

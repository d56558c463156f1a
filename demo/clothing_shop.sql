-- Totals of the clothing shop by local day, straight from the clicks; shares no code with the loader.
select make_date("year", "month", "day") as day,
       0::decimal(18, 3) as revenue,
       count(*) as events,
       0 as orders,
       0 as refunds,
       count(distinct "session ID") as visitors,
       0 as members
from read_parquet($file)
group by all order by day

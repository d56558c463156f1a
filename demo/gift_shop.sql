-- Totals of the gift shop by local day, straight from the invoice lines; shares no code with the loader.
with lines as (
  select InvoiceNo as invoice, InvoiceDate as typed_at, CustomerID as customer, Country as country,
         Quantity * UnitPrice::decimal(18, 3) as amount
  from read_parquet($file)
),
revenue as (select typed_at::date as day, sum(amount) as revenue from lines group by day),
invoices as (
  select invoice, min(typed_at) as typed_at, any_value(customer) as customer, any_value(country) as country,
         sum(amount) as total
  from lines group by invoice
  -- Without a customer and without value: goods found, broken or lost in the warehouse.
  having any_value(customer) is not null or sum(amount) <> 0
),
facts as (
  select typed_at::date as day, invoice, customer, total,
         -- An identify goes ahead of a member's first invoice, and whenever the country is another.
         customer is not null
           and lag(country) over (partition by customer order by typed_at, invoice) is distinct from country as news
  from invoices
)
select day, revenue,
       count(invoice) + count(*) filter (news) as events,
       -- A bad debt (A…) is bookkeeping: its wrong first entry is cancelled whole and so is no order.
       count(*) filter (total >= 0 and invoice not like 'A%') as orders,
       count(*) filter (total < 0) as refunds,
       count(distinct coalesce(customer::varchar, invoice)) filter (total >= 0) as visitors,
       count(distinct customer) filter (total >= 0) as members
from facts join revenue using (day)
group by day, revenue order by day

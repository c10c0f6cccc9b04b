-- one row per account drawn for timelines: every so many-th of those that acted, by key
with acted as (
  select account_key, row_number() over (order by account_key) - 1 as place, count(*) over () as everyone
  from run.flags
)
select account_key
from acted
where place % greatest(everyone // $most, 1) = 0
order by account_key
limit $most

-- one row per day and combination of what can be filtered by, with its engagements; a filter change reads only this
create table explore.cells as
select
  (hour // 24)::integer as day,
  kind,
  client,
  network,
  country,
  service,
  band,
  cohort,
  score_band,
  sum(engagements)::uinteger as engagements
from explore.hours
group by all
order by day

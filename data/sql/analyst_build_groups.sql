-- one row per group of the run
create table analyst.groups as
select
  group_id,
  kind,
  window_hours,
  accounts,
  targets,
  engagements,
  p_value,
  make_timestamp(first_at) as first_at,
  make_timestamp(last_at) as last_at
from run.groups
order by group_id

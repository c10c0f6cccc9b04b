-- one row per service of the run
create table analyst.services as
select
  service_id as service,
  name,
  is_provisional,
  customers,
  engagements,
  clients,
  asns,
  rhythm,
  action_mix,
  make_timestamp(first_at) as first_at,
  make_timestamp(last_at) as last_at
from run.services
order by service

-- one row per service of the run: size, age, how many of its customers were active in the log's last week
with recent as (
  select
    members.service_id,
    count(*) filter (where members.last_at >= manifest.last_at - 7 * 86400000000) as active
  from run.service_members as members
  cross join snapshot.manifest as manifest
  group by members.service_id
)
select
  services.service_id,
  services.name,
  services.is_provisional,
  services.customers,
  coalesce(recent.active, 0)::bigint as active,
  services.engagements,
  services.engagements / greatest((services.last_at - services.first_at) / 86400000000.0, 1)::double as a_day,
  services.clients,
  services.asns,
  services.rhythm,
  services.action_mix,
  services.first_at,
  services.last_at
from run.services as services
left join recent on recent.service_id = services.service_id
order by services.customers desc, services.service_id

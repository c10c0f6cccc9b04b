-- one row per service and day: engagements proposed, from explore's rows; the spark line of the list
select
  codes.name as service_id,
  proposed.day,
  count(*)::bigint as engagements,
  count(distinct proposed.actor_key)::bigint as customers
from explore.proposed as proposed
inner join explore.codes as codes on codes.domain = 'service' and codes.code = proposed.service
where $service_id is null or codes.name = $service_id
group by codes.name, proposed.day
order by service_id, proposed.day

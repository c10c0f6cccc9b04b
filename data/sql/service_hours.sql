-- one row per weekday (1 is Monday) and hour of one service's proposed engagements, UTC
select
  isodow(make_timestamp(proposed.at))::bigint as weekday,
  hour(make_timestamp(proposed.at))::bigint as hour,
  count(*)::bigint as engagements
from explore.proposed as proposed
inner join explore.codes as codes on codes.domain = 'service' and codes.code = proposed.service
where codes.name = $service_id
group by weekday, hour
order by weekday, hour

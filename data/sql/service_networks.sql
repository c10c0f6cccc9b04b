-- one row per week and network of one service's sessions, so that a move shows
select
  sessions.started_at // 604800000000 * 604800000000 as week,
  coalesce('AS' || sessions.asn, 'unknown') as network,
  sum(sessions.engagements)::bigint as engagements
from run.sessions as sessions
where sessions.service_id = $service_id
group by week, network
order by week, engagements desc, network

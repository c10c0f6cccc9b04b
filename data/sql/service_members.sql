-- one row per customer of one service: since when, until when, how much of its service engagement this one made
select
  ids.account_id,
  members.share,
  members.engagements,
  members.first_at,
  members.last_at,
  flags.score,
  flags.remove_count,
  flags.review_count
from run.service_members as members
inner join snapshot.ids as ids on ids.account_key = members.account_key
left join run.flags as flags on flags.account_key = members.account_key
where members.service_id = $service_id
order by members.engagements desc, ids.account_id

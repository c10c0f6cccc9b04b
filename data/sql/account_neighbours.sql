-- one row per account that shares a group or service with this one: what is shared, and how strong it is there
with shared as (
  select 'group' as shared, members.group_id as name, members.account_key, members.engagements
  from run.group_members as members
  where members.group_id in (select group_id from run.group_members where account_key = $account_key)
  union all
  select 'service', members.service_id, members.account_key, members.engagements
  from run.service_members as members
  where members.service_id in (select service_id from run.service_members where account_key = $account_key)
)
select
  shared.shared,
  shared.name,
  ids.account_id,
  shared.engagements::bigint as engagements,
  flags.score,
  flags.remove_count,
  count(*) over (partition by shared.shared, shared.name)::bigint as members
from shared
inner join snapshot.ids as ids on ids.account_key = shared.account_key
left join run.flags as flags on flags.account_key = shared.account_key
where shared.account_key <> $account_key
qualify row_number() over (partition by shared.shared, shared.name order by shared.engagements desc, ids.account_id) <= 20
order by shared.shared, shared.name, shared.engagements desc, ids.account_id

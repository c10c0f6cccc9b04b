-- one row per wording of this account's comments: letters only and in lower case, how often, to how many accounts
select
  trim(regexp_replace(lower(engagements.text), '[^\p{L}]+', ' ', 'g')) as wording,
  min(engagements.text) as example,
  count(*)::bigint as comments,
  count(distinct engagements.target_key)::bigint as targets
from snapshot.engagements as engagements
where engagements.actor_key = $account_key and engagements.kind = 2 and engagements.text is not null
group by wording
order by comments desc, wording
limit 30

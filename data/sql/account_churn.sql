-- one row per follow that this account took back: target, when followed, hours until unfollowed
with moves as (
  select
    engagements.target_key,
    engagements.kind,
    engagements.at,
    lead(engagements.kind) over (partition by engagements.target_key order by engagements.at) as next_kind,
    lead(engagements.at) over (partition by engagements.target_key order by engagements.at) as next_at
  from snapshot.engagements as engagements
  where engagements.actor_key = $account_key and engagements.kind in (1, 3)
)
select
  ids.account_id,
  moves.at as followed_at,
  (moves.next_at - moves.at) / 3600000000.0::double as hours
from moves
inner join snapshot.ids as ids on ids.account_key = moves.target_key
where moves.kind = 1 and moves.next_kind = 3
order by moves.at

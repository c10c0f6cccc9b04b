-- one row per engagement of the snapshot with what the run says of it, for comparison with truth
select
  engagements.engagement_id,
  ids.account_id,
  case engagements.kind when 0 then 'like' when 1 then 'follow' when 2 then 'comment' else 'unfollow' end as kind,
  make_timestamptz(engagements.at) as at,
  coalesce(scores.p::double, manifest.floor_p) as p_inauthentic,
  case scores.band when 2 then 'remove' when 1 then 'review' else 'keep' end as band
from snapshot.engagements as engagements
inner join snapshot.ids as ids on ids.account_key = engagements.actor_key
cross join run.manifest as manifest
left join run.engagement_scores as scores on scores.engagement_key = engagements.engagement_key

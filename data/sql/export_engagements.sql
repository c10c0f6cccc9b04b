-- one row per engagement of the snapshot, also those that nothing speaks against: the columns of the export `engagements`
with said (families, names) as (
  values
    (0, []::varchar[]),
    (1, ['infrastructure']),
    (2, ['graph']),
    (3, ['infrastructure', 'graph']),
    (4, ['rhythm']),
    (5, ['infrastructure', 'rhythm']),
    (6, ['graph', 'rhythm']),
    (7, ['infrastructure', 'graph', 'rhythm'])
)
select
  engagements.engagement_id,
  ids.account_id,
  coalesce(scores.p::double, manifest.floor_p) as p_inauthentic,
  case scores.band when 2 then 'remove' when 1 then 'review' else 'keep' end as band,
  said.names as families
from snapshot.engagements as engagements
inner join snapshot.ids as ids on ids.account_key = engagements.actor_key
cross join run.manifest as manifest
left join run.engagement_scores as scores on scores.engagement_key = engagements.engagement_key
inner join said on said.families = coalesce(scores.families, 0)

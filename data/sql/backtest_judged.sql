-- one row per engagement that a person or the platform judged, with what the run says about it
with judged as (
  select engagement_id, is_inauthentic from verdicts
  union all
  select labels.engagement_id, labels.is_inauthentic
  from snapshot.labels as labels
  where labels.engagement_id is not null
    and labels.engagement_id not in (select engagement_id from verdicts where engagement_id is not null)
)
select
  ids.account_id,
  engagements.kind::bigint as kind,
  coalesce(scores.p, manifest.floor_p)::double as p,
  coalesce(
    scores.families > 0 and not (scores.band = 0 and scores.p >= $run_review[engagements.kind + 1]), false
  ) as can_review,
  coalesce(
    scores.band = 2 or (
      bit_count(scores.families) >= 2 and (scores.families & 1) > 0 and scores.p < $run_remove[engagements.kind + 1]
      and not (scores.band = 0 and scores.p >= $run_review[engagements.kind + 1])
    ),
    false
  ) as can_remove,
  scores.service_id,
  judged.is_inauthentic
from judged
inner join snapshot.engagements as engagements on engagements.engagement_id = judged.engagement_id
inner join snapshot.ids as ids on ids.account_key = engagements.actor_key
cross join run.manifest as manifest
left join run.engagement_scores as scores on scores.engagement_key = engagements.engagement_key

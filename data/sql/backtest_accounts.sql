-- one row per account that a setting would bring up: removals, reviews, and the day its first proposed engagement fell
with placed as (
  select
    proposed.engagement_key,
    scores.account_key,
    proposed.at,
    scores.p,
    scores.families > 0 and not (scores.band = 0 and scores.p >= $run_review[proposed.kind + 1]) as can_review,
    scores.band = 2 or (
      bit_count(scores.families) >= 2 and (scores.families & 1) > 0 and scores.p < $run_remove[proposed.kind + 1]
      and not (scores.band = 0 and scores.p >= $run_review[proposed.kind + 1])
    ) as can_remove,
    proposed.kind
  from run.engagement_scores as scores
  inner join snapshot.engagements as proposed on proposed.engagement_key = scores.engagement_key
  where scores.families > 0
),
banded as (
  select
    account_key,
    placed.at,
    can_remove and p >= $remove[kind + 1] as is_removed,
    can_review and p >= $review[kind + 1] as is_reviewed,
    p
  from placed
),
summed as (
  select
    account_key,
    count(*) filter (where is_removed) as removed,
    count(*) filter (where is_reviewed and not is_removed) as reviewed,
    sum(1 - p) filter (where is_removed) as doubt,
    min(banded.at) filter (where is_removed or is_reviewed) as first_at
  from banded
  group by account_key
)
select
  flags.account_id,
  flags.score,
  summed.removed::bigint as removed,
  summed.reviewed::bigint as reviewed,
  coalesce(summed.doubt, 0)::double as doubt,
  summed.first_at,
  flags.service_id
from summed
inner join run.flags as flags on flags.account_key = summed.account_key
where flags.score >= $queue_score and summed.removed + summed.reviewed >= $queue_proposed
order by summed.removed desc, flags.account_id

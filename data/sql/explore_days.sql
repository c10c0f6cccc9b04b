-- one row per day under the filter: day, engagements, proposed; for the period before
select
  day,
  sum(engagements)::bigint as engagements,
  coalesce(sum(engagements) filter (where band > 0), 0)::bigint as proposed
from explore.cells
where day between $first_day and $last_day
  and ($kinds is null or list_contains($kinds, kind))
  and ($clients is null or list_contains($clients, client))
  and ($networks is null or list_contains($networks, network))
  and ($countries is null or list_contains($countries, country))
  and ($services is null or list_contains($services, service))
  and ($bands is null or list_contains($bands, band))
  and ($cohorts is null or list_contains($cohorts, cohort))
  and ($scores is null or list_contains($scores, score_band))
group by day
order by day

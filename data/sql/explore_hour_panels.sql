-- one row per value of each dimension under the filter, the hours of the series told as its days
with chosen as (
  select *
  from explore.hours
  where hour between $first_hour and $last_hour
    and ($kinds is null or list_contains($kinds, kind))
    and ($clients is null or list_contains($clients, client))
    and ($networks is null or list_contains($networks, network))
    and ($countries is null or list_contains($countries, country))
    and ($services is null or list_contains($services, service))
    and ($bands is null or list_contains($bands, band))
    and ($cohorts is null or list_contains($cohorts, cohort))
    and ($scores is null or list_contains($scores, score_band))
),
grouped as (
  select
    case
      when grouping(hour) = 0 then 'day'
      when grouping(kind) = 0 then 'kind'
      when grouping(client) = 0 then 'client'
      when grouping(network) = 0 then 'network'
      when grouping(country) = 0 then 'country'
      when grouping(service) = 0 then 'service'
      when grouping(band) = 0 then 'band'
      when grouping(cohort) = 0 then 'cohort'
      when grouping(score_band) = 0 then 'score'
      else 'all'
    end as dimension,
    coalesce(hour, kind, client, network, country, service, band, cohort, score_band)::bigint as value,
    sum(engagements)::bigint as engagements,
    coalesce(sum(engagements) filter (where band = 2), 0)::bigint as removable,
    coalesce(sum(engagements) filter (where band = 1), 0)::bigint as reviewable
  from chosen
  group by grouping sets (
    (hour), (kind), (client), (network), (country), (service), (band), (cohort), (score_band), ()
  )
)
select * from grouped order by dimension, value

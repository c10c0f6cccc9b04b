-- one row per account that acted: counts, distinct targets and places, nights and gaps; the floor of the features
create table floor.accounts as
with counts as (
  select
    actor_key,
    count(*) as engagements,
    count(*) filter (where kind = 0) as likes,
    count(*) filter (where kind = 1) as follows,
    count(*) filter (where kind = 2) as comments,
    count(distinct target_key) as targets,
    count(distinct client_key) as clients,
    count(distinct asn) as asns,
    avg(("at" // 3600000000 % 24 < 6)::integer) as night_share
  from snapshot.engagements
  group by actor_key
),
gaps as (
  select actor_key, "at" - lag("at") over (partition by actor_key order by "at") as gap
  from snapshot.engagements
),
paces as (
  select
    actor_key,
    count(gap) as gaps,
    avg(gap) as gap_mean,
    stddev_pop(gap) as gap_spread,
    min(gap) as gap_least,
    count(*) filter (where gap <= 2000000) as quick_gaps
  from gaps
  group by actor_key
)
select
  counts.*,
  paces.* exclude (actor_key),
  (paces.gap_spread - paces.gap_mean) / (paces.gap_spread + paces.gap_mean) as burstiness
from counts
inner join paces on paces.actor_key = counts.actor_key

"""A home with as large a log as asked for and a run over it: `python -m tests.bench.large_log FOLDER --engagements N`.

Detecting a hundred million engagements takes hours; how fast the pages read such a run can be measured without. The log
is generated and loaded as ever, and its run is made from the world's truth: bought engagements get the probabilities,
bands and services that a real run over a million gave them on the average, and as many of the others have a row of
their own as detection would score. It proves nothing about detection.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from string import Template
from time import perf_counter

from analytics.workflows.bench_line import NOW, load, make_world
from analytics.workflows.thresholds import effective, load_settings
from data.engine import literal
from data.home import Home
from data.warehouse import open_batch

# Share of the engagements that have a row of their own in a log scored whole, and the probability of the others.
SCORED, FLOOR_P = 0.56, 0.0083

# Chances come from keys, so that the same log always gets the same run.
FOUND = """
create temp macro chance(key, salt) as (hash(key, salt) % 1000000) / 1e6;

create temp table sold as
select engagement_key, actor_key as account_key, origin as seller
from snapshot.engagements inner join truth using (engagement_id) where is_inauthentic;

create temp table sellers as select distinct seller, 'v-' || md5(seller)[:7] as service_id from sold;

create temp table people as
with acted as (select distinct actor_key as account_key from snapshot.engagements),
buyers as (select account_key, mode(seller) as seller, account_key % 3 as part from sold group by account_key)
select
  account_key, seller, seller || '/' || part as group_id, chance(account_key, 3) as chance,
  seller is not null or chance(account_key, 1) < $share as is_scored
from acted left join buyers using (account_key);
"""

# Half of what was bought is proposed, a twentieth for removal; of the rest, one in a thousand.
TOLD = """
create temp table told as
select
  acts.* exclude (engagement_id, text, actor_key), actor_key as account_key, group_id,
  chance(engagement_key, 2) as luck,
  case when sold.seller is null then 0.505 * luck ** 8 else 0.1 + 0.85 * luck end as p,
  case when p >= 0.9 then 2 when p >= 0.5 then 1 else 0 end as band,
  case when p >= 0.4 then service_id end as service_id,
  [0, 4, 5][band + 1] as families, ['kept', 'rhythm', 'infrastructure+rhythm'][band + 1] as why,
  dense_rank() over (order by actor_key, acts.at // 86400000000, sold.seller) - 1 as session_key
from snapshot.engagements as acts
inner join people on people.account_key = actor_key and is_scored left join sold using (engagement_key)
left join sellers on sellers.seller = sold.seller;
"""

RUN = """
insert into run.engagement_scores
select engagement_key, account_key, p, band, families, session_key, group_id, service_id, why
from told order by engagement_key;

insert into run.sessions by name
select
  session_key, any_value(account_key) as account_key, min("at") as started_at, max("at") as ended_at,
  mode(client_key) as client_key, mode(asn) as asn, mode(prefix_key) as prefix_key, mode(device_key) as device_key,
  count(*) as engagements, any_value(service_id) as service_id, avg(p) as p_service, countif(kind = 0) as likes,
  countif(kind = 1) as follows, countif(kind = 2) as comments, countif(kind = 3) as unfollows,
  case when p_service >= 0.5 then 'service' when p_service <= 0.1 then 'owner' else 'unclear' end as source
from told group by session_key order by session_key;

insert into run.service_members
select service_id, account_key, count(*) / sum(count(*)) over (partition by account_key), count(*), min("at"), max("at")
from told where service_id is not null group by service_id, account_key order by all;

insert into run.services by name
with counted as (
  select service_id, count(distinct account_key) as customers, count(*) as engagements, list(distinct asn) as asns,
    min("at") as first_at, max("at") as last_at, histogram("at" // 3600000000 % 24) as hours, histogram(kind) as kinds
  from told where service_id is not null group by service_id
)
select
  counted.* exclude (hours, kinds), true as is_provisional, []::varchar[] as clients,
  printf('S-%02d', row_number() over (order by service_id)) as name,
  [coalesce(hours[hour], 0) / engagements for hour in range(24)] as rhythm,
  [coalesce(kinds[code::utinyint], 0) / engagements for code in range(4)] as action_mix
from counted order by name;

insert into run.group_members
select group_id, account_key, count(*), count(distinct target_key), 1e-9
from told where group_id is not null group by all order by all;

insert into run.groups select
  group_id, 'infrastructure', null, count(distinct account_key), count(distinct target_key), count(*), 1e-9,
  min("at"), max("at")
from told where group_id is not null group by group_id order by all;

insert into run.flags by name
with proposed as (select account_key, countif(band = 2) as removes, countif(band = 1) as reviews from told group by all)
select
  account_key, account_id, coalesce(removes, 0) as remove_count, coalesce(reviews, 0) as review_count,
  case when seller is not null then 0.4 + 0.55 * chance when is_scored then chance ** 25 else $floor_p end as score,
  row_number() over (order by score desc, account_key) as rank,
  score >= $queue_score and remove_count + review_count >= $queue_proposed as is_queued,
  service_id, group_id, []::varchar[] as reasons
from people inner join snapshot.ids using (account_key)
left join proposed using (account_key) left join sellers using (seller) order by account_key;
create table run.features as select account_key from people order by account_key;
"""


def make_run(home: Home, truth: Path, engagements: int) -> None:
    """Store a run over the newest snapshot as the truth would have it."""
    settings = load_settings()
    share = min(SCORED, settings.scored_of(engagements) / engagements)
    asked = {"queue_score": settings.queue_score, "queue_proposed": settings.queue_proposed}
    with open_batch(home, now=NOW) as batch:
        batch._connection.execute(f"create temp view truth as from read_parquet({literal(truth)})")
        for step in (FOUND, TOLD, RUN):
            batch._connection.execute(Template(step).substitute(asked, share=share, floor_p=FLOOR_P))
        batch.finish(
            model_version="truth",
            model_hash="",
            policy_version=settings.version,
            missing=sorted(batch.missing),
            floor_p=FLOOR_P,
            counts={},
            settings=json.dumps(effective(settings, settings.thresholds), sort_keys=True),
        )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--engagements", type=int, default=100_000_000)
    asked = parser.parse_args()
    world, home, started = asked.folder / "world", asked.folder / "home", perf_counter()
    make_world(asked.engagements, world)
    print(f"generated: {perf_counter() - started:,.0f} s", flush=True)
    engagements = load(home, world)
    print(f"loaded {engagements:,} engagements: {perf_counter() - started:,.0f} s", flush=True)
    make_run(Home(home), world / "truth" / "truth_engagements.parquet", engagements)
    print(f"run made: {perf_counter() - started:,.0f} s")


if __name__ == "__main__":
    main()

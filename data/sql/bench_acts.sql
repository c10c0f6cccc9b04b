-- one row per engagement, the log's first so many by time: who, on what, what and when
select actor_key, target_key, kind, "at"
from snapshot.engagements
order by "at", engagement_key
limit $most

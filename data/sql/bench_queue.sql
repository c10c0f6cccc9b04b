-- one row per queued account with its features, best rank first: what an explanation starts from
select features.*, flags.rank, flags.service_id, flags.group_id, flags.remove_count, flags.review_count
from run.features as features
inner join run.flags as flags on flags.account_key = features.account_key
order by flags.is_queued desc, flags.rank
limit $most

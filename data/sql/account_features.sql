-- one row per account, the one asked for: its features as the run stored them, what an explanation on demand starts from;
-- none where only the first look scored it
select features.*, flags.rank, flags.service_id, flags.group_id, flags.remove_count, flags.review_count
from run.features as features
inner join run.flags as flags on flags.account_key = features.account_key
where features.account_key = $account_key and features.raw_score is not null

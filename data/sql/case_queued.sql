-- one row per account that the run shows to reviewers, the most likely first
select account_key, account_id
from run.flags
where is_queued
order by rank

-- one row per engagement of one account, oldest first, as it is stored
select *
from snapshot.engagements
where actor_key = $account_key
order by "at"

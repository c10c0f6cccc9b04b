-- one row per account that acted, in the order of its key: what the random audit draws from
select account_key, account_id
from run.flags
order by account_key

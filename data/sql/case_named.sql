-- one row per account of the list `named` that acted
select flags.account_key, flags.account_id
from run.flags as flags
inner join named on named.account_id = flags.account_id
order by flags.account_key

-- one row per account of an even sample, with every feature of the run
select *
from run.features
order by hash(account_key)
limit $most

-- one row per account of the snapshot: its number and its id, a slice of them by number
select account_key, account_id
from snapshot.ids
where account_key >= $first and account_key < $last
order by account_key

-- one row per account of this id: its number in the snapshot; none when the log does not know it
select account_key from snapshot.ids where account_id = $account_id

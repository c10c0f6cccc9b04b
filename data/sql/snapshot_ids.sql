-- one row per id seen as account, actor or target, keyed in the sort order of the ids
insert into snapshot.ids
with seen as (
    select actor_id as account_id from all_engagements
    union
    select target_id from all_engagements
    union
    select account_id from all_accounts
    union
    select account_id from all_logins
    union
    select account_id from all_labels where account_id is not null
)

select
    cast(row_number() over (order by account_id) - 1 as uinteger) as account_key,
    account_id
from seen
order by account_id

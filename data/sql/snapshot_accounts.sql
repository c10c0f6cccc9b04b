-- one row per account that a log describes, by its key
insert into snapshot.accounts
select
    ids.account_key,
    told.created_at,
    told.handle,
    told.followers,
    told.following,
    told.posts,
    countries.key as country_key,
    told.is_verified,
    told.is_delegated
from all_accounts as told
inner join snapshot.ids on told.account_id = ids.account_id
left join snapshot.names as countries on told.country = countries.name and countries.domain = 'country'
order by ids.account_key

-- one row per account of the snapshot that a load adds to, as the input contract writes it
create or replace temp view old_accounts as
select
    ids.account_id,
    accounts.created_at,
    accounts.handle,
    accounts.followers,
    accounts.following,
    accounts.posts,
    countries.name as country,
    accounts.is_verified,
    accounts.is_delegated
from base.accounts
inner join base.ids on accounts.account_key = ids.account_key
left join base.names as countries on accounts.country_key = countries.key and countries.domain = 'country'

-- one row per account of the next snapshot: what the newest log says of it, else what was stored
create or replace temp view all_accounts as
select
    coalesce(newest.account_id, stored.account_id) as account_id,
    coalesce(newest.created_at, stored.created_at) as created_at,
    coalesce(newest.handle, stored.handle) as handle,
    coalesce(newest.followers, stored.followers) as followers,
    coalesce(newest.following, stored.following) as following,
    coalesce(newest.posts, stored.posts) as posts,
    coalesce(newest.country, stored.country) as country,
    coalesce(newest.is_verified, stored.is_verified) as is_verified,
    coalesce(newest.is_delegated, stored.is_delegated) as is_delegated
from new_accounts as newest
full join old_accounts as stored on newest.account_id = stored.account_id

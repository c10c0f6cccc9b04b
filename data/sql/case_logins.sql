-- one row per password entry of a chosen account from a network it had not signed in from before, oldest first
with entries as (
  select
    logins.account_key,
    logins.at,
    logins.asn,
    row_number() over (partition by logins.account_key, logins.asn order by logins.at) = 1 as is_new,
    row_number() over (partition by logins.account_key order by logins.at) > 1 as has_earlier
  from snapshot.logins as logins
  inner join chosen on chosen.account_key = logins.account_key
  where coalesce(logins.succeeded, true) and logins.asn is not null
)
select account_key, "at", asn::bigint as asn
from entries
where is_new and has_earlier
order by account_key, "at"

-- one row per sign-in of one account, oldest first; is_new: from a network it had not signed in from before
select
  logins.at,
  client.name as client,
  logins.asn,
  country.name as country,
  logins.succeeded,
  row_number() over (partition by logins.asn order by logins.at) = 1
  and row_number() over (order by logins.at) > 1 as is_new
from snapshot.logins as logins
left join snapshot.names as client on client.domain = 'client' and client.key = logins.client_key
left join snapshot.names as country on country.domain = 'country' and country.key = logins.country_key
where logins.account_key = $account_key
order by logins.at

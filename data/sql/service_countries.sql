-- one row per country of the accounts that one service's proposed engagements went to
select
  coalesce(country.name, 'unknown') as country,
  count(*)::bigint as engagements,
  count(distinct proposed.target_key)::bigint as targets
from explore.proposed as proposed
inner join explore.codes as codes on codes.domain = 'service' and codes.code = proposed.service
left join snapshot.accounts as accounts on accounts.account_key = proposed.target_key
left join snapshot.names as country on country.domain = 'country' and country.key = accounts.country_key
where codes.name = $service_id
group by country.name
order by engagements desc, country
limit 30

-- one row per customer of a service, under its pseudonym
create table analyst.service_members as
select
  members.service_id as service,
  pseudonyms.pseudonym as account,
  members.share,
  members.engagements,
  make_timestamp(members.first_at) as first_at,
  make_timestamp(members.last_at) as last_at
from run.service_members as members
inner join keys.pseudonyms as pseudonyms on pseudonyms.account_key = members.account_key
order by service, account

-- one row per account and service that acted from it: the columns of the export `services`
select
  ids.account_id,
  members.service_id,
  members.share
from run.service_members as members
inner join snapshot.ids as ids on ids.account_key = members.account_key
order by ids.account_id, members.service_id

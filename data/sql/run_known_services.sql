-- one row per service and account that acted from it, with the name that the run gave the service
select
  ids.account_id,
  members.service_id,
  services.name
from run.service_members as members
inner join run.services as services on services.service_id = members.service_id
inner join snapshot.ids as ids on ids.account_key = members.account_key

-- one row per service and customer: service_id, account_id
select members.service_id, ids.account_id
from run.service_members as members
inner join snapshot.ids as ids on ids.account_key = members.account_key

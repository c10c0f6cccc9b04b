-- one row per member of a group, under its pseudonym
create table analyst.group_members as
select
  members.group_id,
  pseudonyms.pseudonym as account,
  members.engagements,
  members.targets,
  members.p_value
from run.group_members as members
inner join keys.pseudonyms as pseudonyms on pseudonyms.account_key = members.account_key
order by group_id, account

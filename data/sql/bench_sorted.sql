-- one row per engagement of the log files, sorted by actor and time: what loading costs without any validation
create table floor.engagements as
select *
from incoming
order by actor_id, "at", engagement_id

-- one row per new engagement that contradicts a stored one of its id
insert into bad_rows
select
    source_number,
    source_line,
    'engagement_id is already loaded with other content' as cause
from repeated
where is_other

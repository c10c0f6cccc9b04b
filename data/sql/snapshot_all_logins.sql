-- one row per login of the next snapshot; a login has no id, so equal rows are one login
create or replace temp view all_logins as
from old_logins
union by name
select new_logins.* exclude (source_number, source_line) from new_logins

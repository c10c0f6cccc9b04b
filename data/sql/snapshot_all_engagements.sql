-- one row per engagement of the next snapshot: the stored ones and the new ones that are not stored yet
create or replace temp view all_engagements as
from old_engagements
union all by name
select new_engagements.* exclude (source_number, source_line)
from new_engagements
anti join repeated on new_engagements.engagement_id = repeated.engagement_id

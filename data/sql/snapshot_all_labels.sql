-- one row per label of the next snapshot; a source that labels again corrects itself
create or replace temp view all_labels as
select stored.*
from old_labels as stored
anti join new_labels as newest
    on stored.account_id is not distinct from newest.account_id
    and stored.engagement_id is not distinct from newest.engagement_id
    and stored.source is not distinct from newest.source
union by name
select new_labels.* exclude (source_number, source_line) from new_labels

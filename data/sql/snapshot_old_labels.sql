-- one row per label of the snapshot that a load adds to, as the input contract writes it
create or replace temp view old_labels as
select
    ids.account_id,
    labels.engagement_id,
    labels.is_inauthentic,
    labels.source,
    labels.labelled_at
from base.labels
left join base.ids on labels.account_key = ids.account_key

-- one row per label of an account or an engagement
insert into snapshot.labels
select
    ids.account_key,
    told.engagement_id,
    told.is_inauthentic,
    told.source,
    told.labelled_at
from all_labels as told
left join snapshot.ids on told.account_id = ids.account_id
order by all

-- one row per new engagement whose id is stored already, and whether it says something else than what is stored
create or replace temp table repeated as
select
    new_engagements.engagement_id,
    new_engagements.source_number,
    new_engagements.source_line,
    new_engagements.kind <> old_engagements.kind
    or new_engagements.actor_id <> old_engagements.actor_id
    or new_engagements.target_id <> old_engagements.target_id
    or new_engagements."at" <> old_engagements."at"
    or (new_engagements.post_id is not null and new_engagements.post_id is distinct from old_engagements.post_id)
    or (new_engagements.client_id is not null and new_engagements.client_id is distinct from old_engagements.client_id)
    or (new_engagements.asn is not null and new_engagements.asn is distinct from old_engagements.asn)
    or (new_engagements.device_id is not null and new_engagements.device_id is distinct from old_engagements.device_id)
    or (new_engagements.country is not null and new_engagements.country is distinct from old_engagements.country)
    or (new_engagements.text is not null and new_engagements.text is distinct from old_engagements.text)
        as is_other
from new_engagements
inner join old_engagements on new_engagements.engagement_id = old_engagements.engagement_id

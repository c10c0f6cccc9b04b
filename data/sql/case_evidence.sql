-- one row per reason that the run gives for or against a chosen account, in its order
select
  evidence.account_key,
  evidence.position,
  evidence.direction,
  evidence.strength,
  evidence.reason,
  evidence.sentence,
  evidence.value,
  evidence.usual,
  evidence.contribution,
  evidence.engagement_filter
from run.evidence as evidence
inner join chosen on chosen.account_key = evidence.account_key
order by evidence.account_key, evidence.position

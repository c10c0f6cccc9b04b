-- one row per feature of a chosen account with its contribution to the score, the largest first
select
  explanations.account_key,
  explanations.feature,
  explanations.label,
  explanations.value,
  explanations.contribution,
  explanations.base,
  explanations.raw_score
from run.explanations as explanations
inner join chosen on chosen.account_key = explanations.account_key
order by explanations.account_key, abs(explanations.contribution) desc, explanations.feature

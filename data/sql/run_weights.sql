-- one row per feature of the account model: mean size of its contribution over the explained accounts
select
  label as feature,
  avg(abs(contribution))::double as weight,
  avg(contribution)::double as direction,
  count(*)::bigint as accounts
from run.explanations
group by label
order by weight desc, feature

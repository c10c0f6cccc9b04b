-- one row per client, network, country and service that can be filtered by: domain, code, key, name, engagements
select domain, code, key, name, engagements from explore.codes order by domain, code
